#ifndef CHATGATE_SERVER_JSON_JSON_PARSER_H_
#define CHATGATE_SERVER_JSON_JSON_PARSER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "simdjson.h"

namespace chatgate {

// Containers inside each other, at most.
inline constexpr int kJsonDepthMax = 64;
// JSON texts inside strings of JSON texts, at most, the outermost included.
inline constexpr int kJsonTextsNestedMax = 4;
// A longer text is refused; callers have lower limits of their own.
inline constexpr size_t kJsonBytesMax = size_t{64} << 20;

// One parse of a JSON text, with a parser that this thread keeps. Of texts over
// 32 KiB only a few are parsed at a time; others wait for them.
//
//   JsonParser parser;
//   ASSIGN_OR_RETURN(simdjson::dom::element root, parser.Parse(json));
//
// Lifetime: the elements live as long as the JsonParser. A second one, made
//           while the first lives (for a JSON text inside a string), has a
//           parser of its own; they end in reverse order, as scopes do.
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  JsonParser(const JsonParser&) = delete;
  JsonParser& operator=(const JsonParser&) = delete;

  // Parses a copy of `json`. Broken text in it (bad UTF-8, lone surrogates,
  // bare control characters, unknown escapes) is repaired.
  // INVALID_ARGUMENT: `json` is no JSON, or crosses a limit above.
  absl::StatusOr<simdjson::dom::element> Parse(absl::string_view json);

  // The text that was parsed, from its first brace on: the copy, repaired where
  // that was needed.
  absl::string_view text() const;

 private:
  struct Slot;
  static thread_local Slot slots_[kJsonTextsNestedMax];
  static thread_local int slots_used_;

  Slot* slot_ = nullptr;  // Null when there are too many.
  bool holds_large_ = false;
};

// `json` with everything in its strings that a strict parser refuses replaced:
// bad UTF-8 and lone surrogates by U+FFFD, bare control characters and unknown
// escapes by their escaped form.
std::string RepairJsonText(absl::string_view json);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_JSON_PARSER_H_
