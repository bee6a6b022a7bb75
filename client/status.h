#ifndef CHATGATE_CLIENT_STATUS_H_
#define CHATGATE_CLIENT_STATUS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace chatgate {

// What the gateway said of a failed call, as an absl::Status whose payloads are
// the details of `grpc-status-details-bin`. Nothing here registers `google.rpc`
// types, which a program's own copy would clash with.
//
//   absl::Status status = client->GetUser(request, &response);
//   if (ErrorReason(status) == "REQUEST_ID_REUSED") ...
//   for (const FieldViolation& wrong : FieldViolations(status)) ...
//
// Threads: all functions are pure. Errors: details that cannot be read are left
// out; code and message always survive.
absl::Status FromGrpc(const grpc::Status& status);

// ErrorInfo.reason: the platform's own error name, or a reason of Chatgate such
// as `REQUEST_ID_REUSED`. Empty where there is none.
std::string ErrorReason(const absl::Status& status);

// One wrong field of a request.
struct FieldViolation {
  std::string field;
  std::string description;
};

// BadRequest.field_violations; empty where there are none.
std::vector<FieldViolation> FieldViolations(const absl::Status& status);

// RetryInfo.retry_delay: how long the gateway asks to wait before the same call
// is sent again. Empty where it does not say; never negative.
std::optional<absl::Duration> RetryDelay(const absl::Status& status);

// True where resuming a stream after `status` cannot help: the request itself
// is refused (INVALID_ARGUMENT, UNAUTHENTICATED, PERMISSION_DENIED,
// FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED, NOT_FOUND, ALREADY_EXISTS),
// or what it needs is damaged (DATA_LOSS).
bool IsTerminal(const absl::Status& status);

// One line for people: code, message, reason and wrong fields, without what
// could play with a terminal (client/printable.h).
std::string ErrorLine(const absl::Status& status);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_STATUS_H_
