#ifndef CHATGATE_SERVER_PLATFORM_ARGUMENTS_H_
#define CHATGATE_SERVER_PLATFORM_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/platform/context.h"

// What this platform asks of arguments in more than one method; what every
// backend asks is in server/backend/arguments.h. Every error names the
// field and the reason.
namespace chatgate::platform {

// Well-formed UTF-8 without NUL, `chars_min` to `chars_max` characters.
absl::Status CheckText(absl::string_view field, absl::string_view text,
                       size_t chars_min, size_t chars_max);

// The text of a part: required, and ReplyTooBig over the limit.
absl::Status CheckBody(const ReadContext& context, absl::string_view body);

// A decimal id, 1 to 2^64-1.
absl::StatusOr<uint64_t> ParseId(absl::string_view field,
                                 absl::string_view text);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_ARGUMENTS_H_
