#ifndef CHATGATE_SERVER_BACKEND_ERROR_TABLE_H_
#define CHATGATE_SERVER_BACKEND_ERROR_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chatgate {

// One row: a name of the Web API's `meta.error` (or a reason of Chatgate's
// own), the HTTP status that goes with it, and the gRPC code. docs/errors.md
// explains each row.
struct ErrorRow {
  absl::string_view name;
  int http_status;
  absl::StatusCode code;
};

// Every row. The first row of a code stands for it when only the code is known.
const std::vector<ErrorRow>& ErrorTable();

// The row of a name, or nullptr.
const ErrorRow* FindError(absl::string_view name);

// The row that stands for a code when only the code is known; nullptr for OK.
const ErrorRow* DefaultError(absl::StatusCode code);

// The client library reads statuses by the same names, and a program may link
// both: the linker must tell them apart.
inline namespace backend_status {

struct FieldViolation {
  std::string field;        // As in the request, such as `operations[3].key`.
  std::string description;  // Why it is wrong.
};

// What a status carries; empty (zero) where it has none.
std::vector<FieldViolation> FieldViolations(const absl::Status& status);
absl::Duration RetryDelay(const absl::Status& status);

}  // namespace backend_status

// A status of the row `name` with ErrorInfo (reason = name, domain =
// chatgate.v1). An unknown name gives UNKNOWN and keeps the name. `message` is
// meant for people: the platform's own words where it has some.
//
// Details travel as payloads of the status, keyed by their type URL, such as
// `type.googleapis.com/google.rpc.ErrorInfo`, and hold the serialised messages
// of chatgate.wire.
absl::Status MakeError(absl::string_view name, absl::string_view message);

// ValidationError with BadRequest details: names the fields and the reasons.
absl::Status InvalidFields(const std::vector<FieldViolation>& violations);
absl::Status InvalidField(absl::string_view field,
                          absl::string_view description);

// A status of the row `name` with BadRequest details of one field; the message
// is `description`.
absl::Status FieldError(absl::string_view name, absl::string_view field,
                        absl::string_view description);

// `status` with RetryInfo.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// `status` with QuotaFailure: whose quota (`subject`), and what it allows.
absl::Status WithQuotaFailure(absl::Status status, absl::string_view subject,
                              absl::string_view description);

// The name that MakeError gave; empty where the status has none.
std::string ErrorName(const absl::Status& status);

// Most bytes of error details on the wire. 12 KiB of them turned the real code
// into "metadata size exceeds limit" at the client.
inline constexpr size_t kStatusDetailsBytesMax = 4096;

// Content of `grpc-status-details-bin`: a serialised google.rpc.Status of at
// most kStatusDetailsBytesMax. Where it would be longer, texts are shortened,
// then details of other kinds and field violations dropped from the end.
// ErrorInfo, RetryInfo and BadRequest come first, in this order. A status
// without ErrorInfo gets one with the default reason of its code. Empty for OK.
std::string StatusDetailsBin(const absl::Status& status);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BACKEND_ERROR_TABLE_H_
