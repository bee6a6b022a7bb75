#ifndef CHATGATE_CLIENT_RESPONDER_MATCH_TREE_H_
#define CHATGATE_CLIENT_RESPONDER_MATCH_TREE_H_

#include <vector>

#include "chatgate/v1/rules.pb.h"
#include "client/responder/text_matcher.h"

namespace chatgate {

// A v1::Match whose phrases and patterns have become numbers, so that all rules
// share one search of the text.
//
// Threads: any, at once; it never changes.
class MatchTree {
 public:
  // Appends the expressions of `match` to `expressions`.
  MatchTree(const v1::Match& match, std::vector<Expression>& expressions);

  // Whether it matches a text in which just these expressions are found.
  bool Holds(const std::vector<bool>& found) const;
  // True where any one of its expressions is enough.
  bool IsPlain() const { return any_.empty() && all_.empty() && not_.empty(); }
  // False where it may match a text in which nothing is found.
  bool NeedsText() const;

 private:
  std::vector<int> texts_;
  std::vector<MatchTree> any_, all_, not_;
};

// Why no text can match: what must be found may not be. Empty where it can, as
// far as this sees.
std::string WhyNever(const v1::Match& match);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_MATCH_TREE_H_
