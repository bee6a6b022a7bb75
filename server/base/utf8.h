#ifndef CHATGATE_SERVER_BASE_UTF8_H_
#define CHATGATE_SERVER_BASE_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace chatgate {

// True where `text` is well-formed UTF-8: no surrogates, no overlong forms,
// nothing beyond U+10FFFF.
bool IsUtf8(absl::string_view text);

// `text` with every byte that belongs to no well-formed character replaced by
// U+FFFD. What is well-formed stays as it is.
std::string RepairUtf8(absl::string_view text);

// The longest beginning of `text` that has at most `bytes_max` bytes and does
// not cut a character in two. `text` is well-formed.
absl::string_view Utf8Prefix(absl::string_view text, size_t bytes_max);

// Length of the well-formed character at the beginning of `text`, 1 to 4; 0
// where there is none.
size_t Utf8CharLength(absl::string_view text);

// Appends a code point, which is no surrogate and at most 0x10FFFF.
void AppendUtf8(char32_t code_point, std::string* out);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BASE_UTF8_H_
