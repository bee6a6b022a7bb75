#ifndef CHATGATE_CLIENT_RESPONDER_RULE_SET_H_
#define CHATGATE_CLIENT_RESPONDER_RULE_SET_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chatgate/v1/rules.pb.h"
#include "client/responder/text_matcher.h"

namespace chatgate {

// What is wrong with a rule file, and where.
struct RuleProblem {
  int rule = -1;      // Index in RuleFile.rules; -1: the file itself.
  std::string field;  // Path in the rule, or the file: `match.patterns`.
  int index = -1;     // In that field, where it is a list.
  std::string reason;
};

// Every problem of `file`, in its order; empty where it is right.
std::vector<RuleProblem> CheckRules(const v1::RuleFile& file);

// RuleSet says which rules a message meets.
//
//   ASSIGN_OR_RETURN(RuleSet rules, RuleSet::Compile(file));
//   for (int index : rules.Match("hello")) Act(rules.file().rules(index));
//
// A phrase is plain text, searched as `(#\s|)(PHRASE)` by the first bot of this
// kind: the part before the phrase may be empty, so it is found wherever the
// phrase is. Letter case never matters, in any script; final and other sigma
// are one letter; letters stay one letter (`ß` is not `ss`).
//
// Threads: any, at once; it never changes. Errors: see CheckRules.
class RuleSet {
 public:
  // INVALID_ARGUMENT: `file` has problems; the message names all of them.
  // RESOURCE_EXHAUSTED: the rules are too large for `way`.
  static absl::StatusOr<RuleSet> Compile(v1::RuleFile file,
                                         MatchWay way = MatchWay::kAutomatic);

  // Indices of the rules that act on a message of this text, in their order:
  // the first that matches, and the next ones while each says `go_on`.
  std::vector<int> Match(absl::string_view text) const;

  const v1::RuleFile& file() const { return file_; }
  // The file's values, or their defaults.
  std::string bot_name() const;
  int answers_in_a_row_max() const;

 private:
  RuleSet(v1::RuleFile file, std::vector<int> rule_of,
          std::unique_ptr<const TextMatcher> matcher);

  v1::RuleFile file_;
  std::vector<int> rule_of_;  // Rule of each expression; ascending.
  std::unique_ptr<const TextMatcher> matcher_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_RULE_SET_H_
