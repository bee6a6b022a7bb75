#ifndef CHATGATE_CLIENT_RESPONDER_TEXT_MATCHER_H_
#define CHATGATE_CLIENT_RESPONDER_TEXT_MATCHER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// Finds which of many regular expressions a text holds. Letter case never
// matters: letters match by Unicode's simple case folding, as RE2 has it.
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
enum class MatchWay { kAutomatic, kOneByOne, kSet };

// `expressions` are in RE2's syntax and known to be right. RESOURCE_EXHAUSTED:
// together they are too large for `way`.
absl::StatusOr<std::unique_ptr<TextMatcher>> NewTextMatcher(
    MatchWay way, const std::vector<std::string>& expressions);

// Why RE2 refuses `expression`, or empty where it does not.
std::string WhyWrong(const std::string& expression);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_TEXT_MATCHER_H_
