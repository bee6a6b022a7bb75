#ifndef CHATGATE_SERVER_BACKEND_ARGUMENTS_H_
#define CHATGATE_SERVER_BACKEND_ARGUMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

// Checks of arguments that every backend and the service share. A wrong
// argument is the error ValidationError, with BadRequest details that name it.
namespace chatgate {

inline constexpr int kPageSizeDefault = 20;
inline constexpr int kPageSizeMax = 50;
inline constexpr size_t kRequestIdBytesMax = 128;

// How many a page holds: 0 means 20, more than 50 means 50; a negative size is
// wrong.
absl::StatusOr<int> PageSize(int32_t requested);
// Lowers the `page_size` of a request, where it has one, to kPageSizeMax.
void LimitPageSize(google::protobuf::Message* request);

// Finds every named field of `request` that is unset: an id of 0, an empty text
// or list, an object or an optional value that is absent.
absl::Status RequireFields(const google::protobuf::Message& request,
                           const std::vector<absl::string_view>& fields);

// `request_id` of a request, empty where it has none or the type has no such
// field. Wrong: longer than 128 bytes.
absl::StatusOr<std::string> RequestId(const google::protobuf::Message& request);

// Whether the request is a change that shall only be checked and priced: its
// `validate_only`. A backend that cannot tell refuses such a request; it never
// does the change.
bool ValidateOnly(const google::protobuf::Message& request);

// How old the answer of a read may be; 0 where the request does not say. Wrong:
// no duration, negative, or more than kMaxStalenessMax.
inline constexpr absl::Duration kMaxStalenessMax = absl::Hours(24);
absl::StatusOr<absl::Duration> MaxStaleness(
    const google::protobuf::Message& request);

// Whether a text that stands for a boolean of the Web API says no: empty, `0`,
// or `false` in any case.
bool SaysNo(absl::string_view text);

// 32 bytes that are the same for two requests of one type exactly when they ask
// for the same: all fields but `app_id`, which is part of the scope already,
// and those that say how to ask (`request_id`, `validate_only`,
// `max_staleness`). The same after a restart and in another process.
std::string Fingerprint(const google::protobuf::Message& request);

// The same distinction for containers of this process, cheaper where there is
// little content: at most 65 bytes.
std::string ContentKey(const google::protobuf::Message& request);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BACKEND_ARGUMENTS_H_
