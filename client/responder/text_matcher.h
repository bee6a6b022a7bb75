#ifndef CHATGATE_CLIENT_RESPONDER_TEXT_MATCHER_H_
#define CHATGATE_CLIENT_RESPONDER_TEXT_MATCHER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace chatgate {

// What is searched: a plain text, or a regular expression in RE2's syntax.
struct Expression {
  std::string text;
  bool is_phrase = false;
};

// Finds which of many expressions a text holds. Letter case never matters:
// letters match by Unicode's simple case folding, as RE2 has it.
//
// Threads: any, at once. Every way gives the same answer; a test holds them
// against each other.
class TextMatcher {
 public:
  virtual ~TextMatcher() = default;
  // Numbers of the expressions found in `text`, ascending.
  virtual std::vector<int> Match(absl::string_view text) const = 0;
};

// How to search. Automatic takes the fastest for the number of expressions.
enum class MatchWay { kAutomatic, kOneByOne, kSet, kFiltered };

// `expressions` are known to be right (WhyWrong). RESOURCE_EXHAUSTED: together
// they are too large for `way`.
absl::StatusOr<std::unique_ptr<TextMatcher>> NewTextMatcher(
    MatchWay way, const std::vector<Expression>& expressions);

// Each by itself; its time grows with their number. What the others are held
// against.
std::unique_ptr<TextMatcher> NewOneByOneMatcher(
    const std::vector<Expression>& expressions);

// One RE2::Set: the fastest for a handful, and a thousand times slower than the
// others for a thousand, since its automaton grows with every new text.
absl::StatusOr<std::unique_ptr<TextMatcher>> NewSetMatcher(
    const std::vector<Expression>& expressions);

// A LiteralIndex of the phrases, and of the texts that a pattern cannot match
// without (FilteredRE2): only patterns whose texts are there are searched.
absl::StatusOr<std::unique_ptr<TextMatcher>> NewFilteredMatcher(
    const std::vector<Expression>& expressions);

// The expression alone, ready to search, with its captures. Never null; check
// ok().
std::unique_ptr<re2::RE2> CompileExpression(const Expression& expression);

// Why RE2 refuses the pattern, or why it can match no text; empty where neither
// is so.
std::string WhyWrong(const std::string& pattern);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_TEXT_MATCHER_H_
