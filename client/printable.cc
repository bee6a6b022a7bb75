#include "client/printable.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "server/base/utf8.h"

namespace chatgate {
namespace {

// Of a well-formed character of two bytes or more.
char32_t CodePoint(absl::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  char32_t point = lead & (0x7F >> character.size());
  for (const char c : character.substr(1)) {
    point = (point << 6) | (static_cast<unsigned char>(c) & 0x3F);
  }
  return point;
}

// Controls of 8-bit terminals, ends of lines and paragraphs, and what overrides
// the direction of the text behind it.
bool IsControl(char32_t point) {
  return (point >= 0x80 && point <= 0x9F) || point == 0x2028 ||
         point == 0x2029 || (point >= 0x202A && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069);
}

void AppendByte(char c, std::string* out) {
  if (c == '\n') {
    *out += "\\n";
  } else if (absl::ascii_isprint(static_cast<unsigned char>(c))) {
    *out += c;
  } else {
    absl::StrAppendFormat(out, "\\x%02x", static_cast<unsigned char>(c));
  }
}

}  // namespace

std::string Printable(absl::string_view text, size_t bytes_max) {
  std::string shown;
  for (size_t at = 0; at < text.size();) {
    const size_t length = std::max<size_t>(1, Utf8CharLength(text.substr(at)));
    if (at + length > bytes_max) return shown + "...";
    const absl::string_view character = text.substr(at, length);
    if (length == 1) {
      AppendByte(character[0], &shown);
    } else if (const char32_t point = CodePoint(character); IsControl(point)) {
      absl::StrAppendFormat(&shown, "\\u%04x", static_cast<uint32_t>(point));
    } else {
      shown.append(character.data(), character.size());
    }
    at += length;
  }
  return shown;
}

}  // namespace chatgate
