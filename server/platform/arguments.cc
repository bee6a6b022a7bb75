#include "server/platform/arguments.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/base/utf8.h"

namespace chatgate::platform {

namespace {

size_t CountCharacters(absl::string_view text) {
  // Every byte but those that continue a character.
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (c & 0xC0) != 0x80; });
}

}  // namespace

absl::Status CheckText(absl::string_view field, absl::string_view text,
                       size_t chars_min, size_t chars_max) {
  // SQLite's own functions end a text at NUL.
  if (!IsUtf8(text) || text.find('\0') != absl::string_view::npos)
    return InvalidField(field, "must be UTF-8 text without NUL");
  const size_t characters = CountCharacters(text);
  if (characters < chars_min) return InvalidField(field, "is required");
  if (characters > chars_max) {
    return InvalidField(
        field, absl::StrCat("must have at most ", chars_max, " characters"));
  }
  return absl::OkStatus();
}

absl::Status CheckBody(const ReadContext& context, absl::string_view body) {
  // A text too long is a method error of the platform, not a ValidationError.
  if (body.size() > context.limits.body_bytes_max) {
    return FieldError("ReplyTooBig", "body",
                      absl::StrCat("body must have at most ",
                                   context.limits.body_bytes_max, " bytes"));
  }
  return CheckText("body", body, 1, context.limits.body_bytes_max);
}

absl::StatusOr<uint64_t> ParseId(absl::string_view field,
                                 absl::string_view text) {
  uint64_t id = 0;
  const bool digits = std::all_of(text.begin(), text.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || !absl::SimpleAtoi(text, &id) || id == 0)
    return InvalidField(field, "must be an id, 1 to 2^64-1");
  return id;
}

}  // namespace chatgate::platform
