#ifndef CHATGATE_SERVER_SUBSCRIPTION_SERVICE_ERROR_H_
#define CHATGATE_SERVER_SUBSCRIPTION_SERVICE_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// What the surfaces themselves refuse; each is a row of the error table.
enum class Reason {
  kUnauthenticated,
  kRoleTooLow,
  kAppNotAllowed,
  kOverloaded,  // Comes with a delay after which to try again.
  kStopping,    // Likewise.
  kCursorOfAnotherLog,
  kCursorAheadOfLog,
  kMethodNotServed,
};

absl::Status ServiceError(Reason reason, absl::string_view message);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SUBSCRIPTION_SERVICE_ERROR_H_
