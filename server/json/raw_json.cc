#include "server/json/raw_json.h"

#include "absl/strings/ascii.h"
#include "server/base/utf8.h"

namespace chatgate {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

size_t SkipSpace(absl::string_view text, size_t i) {
  while (i < text.size() && IsSpace(text[i])) ++i;
  return i;
}

// Position after the string that begins at `i`.
size_t SkipString(absl::string_view text, size_t i) {
  for (++i; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

// Position after the value that begins at `i`.
size_t SkipValue(absl::string_view text, size_t i) {
  int depth = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"') {
      i = SkipString(text, i);
      if (depth == 0) return i;
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return i;  // The end of the container around it.
      if (--depth == 0) return i + 1;
    } else if (depth == 0 && (c == ',' || IsSpace(c))) {
      return i;
    }
    ++i;
  }
  return i;
}

std::vector<absl::string_view> SplitContainer(absl::string_view text) {
  std::vector<absl::string_view> values;
  if (text.empty() || (text[0] != '{' && text[0] != '[')) return values;
  const bool object = text[0] == '{';
  size_t i = SkipSpace(text, 1);
  while (i < text.size() && text[i] != '}' && text[i] != ']') {
    if (object) {
      i = SkipSpace(text, SkipString(text, i));
      i = SkipSpace(text, i + 1);  // The colon.
      if (i >= text.size()) break;
    }
    const size_t end = SkipValue(text, i);
    values.push_back(text.substr(i, end - i));
    i = SkipSpace(text, end);
    if (i < text.size() && text[i] == ',') i = SkipSpace(text, i + 1);
  }
  return values;
}

// The numbers of a JSON text, in order.
class NumberTokens {
 public:
  explicit NumberTokens(absl::string_view text) : text_(text) {}

  absl::string_view Next() {
    while (next_ < text_.size()) {
      const char c = text_[next_];
      if (c == '"') {
        next_ = SkipString(text_, next_);
      } else if (c == '-' || absl::ascii_isdigit(c)) {
        const size_t begin = next_;
        next_ = SkipValue(text_, next_);
        return text_.substr(begin, next_ - begin);
      } else {
        ++next_;
      }
    }
    return "0";
  }

 private:
  absl::string_view text_;
  size_t next_ = 0;
};

void Append(absl::string_view text, std::string* out) {
  out->append(text.data(), text.size());
}

void AppendValue(element value, NumberTokens& numbers, const JsonStyle& style,
                 std::string* out) {
  absl::string_view separator = "";
  switch (value.type()) {
    case element_type::OBJECT:
      out->push_back('{');
      for (const auto member : simdjson::dom::object(value)) {
        Append(separator, out);
        AppendJsonString(View(member.key), style.ascii, out);
        Append(ColonOf(style), out);
        AppendValue(member.value, numbers, style, out);
        separator = CommaOf(style);
      }
      out->push_back('}');
      break;
    case element_type::ARRAY:
      out->push_back('[');
      for (const element child : simdjson::dom::array(value)) {
        Append(separator, out);
        AppendValue(child, numbers, style, out);
        separator = CommaOf(style);
      }
      out->push_back(']');
      break;
    case element_type::STRING:
      AppendJsonString(View(std::string_view(value)), style.ascii, out);
      break;
    case element_type::BOOL:
      Append(bool(value) ? "true" : "false", out);
      break;
    case element_type::NULL_VALUE:
      Append("null", out);
      break;
    default:
      Append(numbers.Next(), out);
  }
}

void AppendEscaped(char32_t code_point, std::string* out) {
  if (code_point >= 0x10000) {
    const char32_t rest = code_point - 0x10000;
    AppendEscaped(0xD800 + (rest >> 10), out);
    AppendEscaped(0xDC00 + (rest & 0x3FF), out);
    return;
  }
  constexpr char kHex[] = "0123456789abcdef";
  const char escape[] = {'\\',
                         'u',
                         kHex[(code_point >> 12) & 0xF],
                         kHex[(code_point >> 8) & 0xF],
                         kHex[(code_point >> 4) & 0xF],
                         kHex[code_point & 0xF]};
  out->append(escape, sizeof(escape));
}

void AppendAscii(char c, std::string* out) {
  switch (c) {
    case '"':
      return Append("\\\"", out);
    case '\\':
      return Append("\\\\", out);
    case '\b':
      return Append("\\b", out);
    case '\f':
      return Append("\\f", out);
    case '\n':
      return Append("\\n", out);
    case '\r':
      return Append("\\r", out);
    case '\t':
      return Append("\\t", out);
    default:
      if (static_cast<unsigned char>(c) < 0x20) {
        return AppendEscaped(static_cast<unsigned char>(c), out);
      }
      out->push_back(c);
  }
}

// Stands in a JSON string as it is, in every style.
bool IsPlain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 &&
         static_cast<unsigned char>(c) < 0x80 && c != '"' && c != '\\';
}

// The code point of a well-formed character.
char32_t Decode(absl::string_view character) {
  const auto byte = [&](size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(character[i]));
  };
  char32_t code_point = byte(0) & (0xFFu >> (character.size() + 1));
  for (size_t i = 1; i < character.size(); ++i) {
    code_point = (code_point << 6) | (byte(i) & 0x3F);
  }
  return code_point;
}

}  // namespace

absl::string_view RawValue::Text() {
  if (parent_ != nullptr) {
    text_ = parent_->Child(index_);
    parent_ = nullptr;
  }
  return text_;
}

absl::string_view RawValue::Child(size_t index) {
  if (!split_) {
    children_ = SplitContainer(Text());
    split_ = true;
  }
  return index < children_.size() ? children_[index] : absl::string_view();
}

void AppendJsonString(absl::string_view text, bool ascii, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && IsPlain(text[plain])) ++plain;
    Append(text.substr(0, plain), out);
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (absl::ascii_isascii(static_cast<unsigned char>(text[0]))) {
      AppendAscii(text[0], out);
      text.remove_prefix(1);
      continue;
    }
    const size_t length = Utf8CharLength(text);
    const char32_t code_point =
        length == 0 ? 0xFFFD : Decode(text.substr(0, length));
    if (ascii) {
      AppendEscaped(code_point, out);
    } else {
      AppendUtf8(code_point, out);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out->push_back('"');
}

void AppendJsonValue(element value, absl::string_view raw,
                     const JsonStyle& style, std::string* out) {
  NumberTokens numbers(raw);
  AppendValue(value, numbers, style, out);
}

}  // namespace chatgate
