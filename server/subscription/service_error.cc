#include "server/subscription/service_error.h"

#include "server/backend/error_table.h"

namespace chatgate {
namespace {

constexpr absl::Duration kRetryDelay = absl::Seconds(1);

absl::string_view RowName(Reason reason) {
  switch (reason) {
    case Reason::kUnauthenticated:
      return "NotAuthenticated";
    case Reason::kRoleTooLow:
      return "ROLE_TOO_LOW";
    case Reason::kAppNotAllowed:
      return "APP_NOT_ALLOWED";
    case Reason::kOverloaded:
      return "OVERLOADED";
    case Reason::kStopping:
      return "STOPPING";
    case Reason::kCursorOfAnotherLog:
      return "CURSOR_OF_ANOTHER_LOG";
    case Reason::kCursorAheadOfLog:
      return "CURSOR_AHEAD_OF_LOG";
    case Reason::kMethodNotServed:
      return "METHOD_NOT_SERVED";
  }
  return "";
}

}  // namespace

absl::Status ServiceError(Reason reason, absl::string_view message) {
  absl::Status status = MakeError(RowName(reason), message);
  if (reason == Reason::kOverloaded || reason == Reason::kStopping) {
    return WithRetryDelay(std::move(status), kRetryDelay);
  }
  return status;
}

}  // namespace chatgate
