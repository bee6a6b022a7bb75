#ifndef CHATGATE_SERVER_SERVICE_ERRORS_H_
#define CHATGATE_SERVER_SERVICE_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace chatgate {

// What the service itself refuses; each is a row of the error table.
enum class Reason {
  kUnauthenticated,
  kRoleTooLow,
  kAppNotAllowed,
  kAppRequired,
  kOverloaded,  // Comes with a delay after which to try again.
  kStopping,    // Likewise.
  kCursorOfAnotherLog,
  kCursorAheadOfLog,
  kMethodNotServed,
};

absl::Status ServiceError(Reason reason, absl::string_view message);

// The one place where a status of ours becomes gRPC's, with its details.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_ERRORS_H_
