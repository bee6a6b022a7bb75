#ifndef CHATGATE_SERVER_JSON_RAW_JSON_H_
#define CHATGATE_SERVER_JSON_RAW_JSON_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "simdjson.h"

namespace chatgate {

// How JSON text is laid out.
struct JsonStyle {
  bool ascii = false;   // Non-ASCII as \uXXXX.
  bool spaced = false;  // `", "` and `": "` between members.
};

// The text that a parsed value was read from. simdjson's DOM forgets it, and a
// number such as 1.10 cannot be told from its value; so it is found again, but
// only when someone asks: each container is then split once.
//
//   RawValue root(text);
//   RawValue member(root, 3);  // The fourth member's value.
//   member.Text();             // `1.10`
//
// Lifetime: the text and the parent outlive it.
class RawValue {
 public:
  // `text` is one valid JSON value.
  explicit RawValue(absl::string_view text) : text_(text) {}
  RawValue(RawValue& parent, size_t index) : parent_(&parent), index_(index) {}
  RawValue(const RawValue&) = delete;
  RawValue& operator=(const RawValue&) = delete;

  absl::string_view Text();
  // The text of the member or element `index` of this container.
  absl::string_view Child(size_t index);

 private:
  RawValue* parent_ = nullptr;  // Null once `text_` is known.
  size_t index_ = 0;
  absl::string_view text_;
  bool split_ = false;
  std::vector<absl::string_view> children_;
};

inline absl::string_view View(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

// Appends `text` as a JSON string. Bad UTF-8 becomes U+FFFD.
void AppendJsonString(absl::string_view text, bool ascii, std::string* out);

// Appends a parsed value. Its numbers are taken verbatim from `raw`, the text
// that it was parsed from; everything else takes the one form of `style`.
void AppendJsonValue(simdjson::dom::element value, absl::string_view raw,
                     const JsonStyle& style, std::string* out);

// The separators of a style.
inline absl::string_view CommaOf(const JsonStyle& style) {
  return style.spaced ? ", " : ",";
}
inline absl::string_view ColonOf(const JsonStyle& style) {
  return style.spaced ? ": " : ":";
}

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_RAW_JSON_H_
