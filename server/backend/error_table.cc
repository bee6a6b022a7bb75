#include "server/backend/error_table.h"

#include "absl/container/flat_hash_map.h"

namespace chatgate {

const std::vector<ErrorRow>& ErrorTable() {
  using absl::StatusCode;
  static const auto& table = *new std::vector<ErrorRow>{
      // First for each code the row that stands for it when only the code is
      // known: the Web API's name where it has one.
      {"CANCELLED", 499, StatusCode::kCancelled},
      {"UNKNOWN", 500, StatusCode::kUnknown},
      {"ValidationError", 400, StatusCode::kInvalidArgument},
      {"DEADLINE_EXCEEDED", 504, StatusCode::kDeadlineExceeded},
      {"LookupError", 400, StatusCode::kNotFound},
      {"ALREADY_EXISTS", 409, StatusCode::kAlreadyExists},
      {"PermissionDeniedError", 403, StatusCode::kPermissionDenied},
      {"TooManyRequests", 429, StatusCode::kResourceExhausted},
      {"FAILED_PRECONDITION", 400, StatusCode::kFailedPrecondition},
      {"ABORTED", 409, StatusCode::kAborted},
      {"OUT_OF_RANGE", 400, StatusCode::kOutOfRange},
      {"Error404", 404, StatusCode::kUnimplemented},
      {"Error500", 500, StatusCode::kInternal},
      {"UNAVAILABLE", 503, StatusCode::kUnavailable},
      {"DATA_LOSS", 500, StatusCode::kDataLoss},
      {"NotAuthenticated", 401, StatusCode::kUnauthenticated},

      // The Web API's other names.
      {"BadRequest", 400, StatusCode::kInvalidArgument},
      {"ReplyTooBig", 400, StatusCode::kInvalidArgument},
      {"ConversationTagAlreadyAssigned", 400, StatusCode::kAlreadyExists},
      {"ConversationTagIsNotAssigned", 400, StatusCode::kFailedPrecondition},
      {"AuthenticationFailed", 401, StatusCode::kUnauthenticated},
      {"PermissionDenied", 403, StatusCode::kPermissionDenied},
      {"MethodNotAllowed", 405, StatusCode::kUnimplemented},

      // Chatgate's own reasons.
      {"REQUEST_ID_REUSED", 400, StatusCode::kInvalidArgument},
      {"APP_REQUIRED", 400, StatusCode::kInvalidArgument},
      {"ROLE_TOO_LOW", 403, StatusCode::kPermissionDenied},
      {"APP_NOT_ALLOWED", 403, StatusCode::kPermissionDenied},
      {"OVERLOADED", 429, StatusCode::kResourceExhausted},
      {"CURSOR_OF_ANOTHER_LOG", 400, StatusCode::kFailedPrecondition},
      {"CURSOR_AHEAD_OF_LOG", 400, StatusCode::kOutOfRange},
      {"METHOD_NOT_SERVED", 501, StatusCode::kUnimplemented},
      {"STORAGE_REFUSES_WRITES", 503, StatusCode::kUnavailable},
      {"STOPPING", 503, StatusCode::kUnavailable},
      {"AMBIGUOUS", 409, StatusCode::kAborted},
      {"PLATFORM_DOWN", 503, StatusCode::kUnavailable},
      {"KEY_REFUSED", 503, StatusCode::kFailedPrecondition},
  };
  return table;
}

const ErrorRow* FindError(absl::string_view name) {
  static const auto& by_name = *[] {
    auto* rows = new absl::flat_hash_map<absl::string_view, const ErrorRow*>();
    for (const ErrorRow& row : ErrorTable()) rows->emplace(row.name, &row);
    return rows;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

const ErrorRow* DefaultError(absl::StatusCode code) {
  for (const ErrorRow& row : ErrorTable()) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

}  // namespace chatgate
