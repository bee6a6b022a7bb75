#ifndef CHATGATE_CLIENT_RESPONDER_RULE_SET_H_
#define CHATGATE_CLIENT_RESPONDER_RULE_SET_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chatgate/v1/rules.pb.h"
#include "client/responder/conditions.h"
#include "client/responder/match_tree.h"
#include "client/responder/rule_check.h"
#include "client/responder/text_matcher.h"

namespace chatgate {

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
  // INVALID_ARGUMENT: `file` has problems, its examples' among them; the
  // message names all of them, and `problems` says where they are.
  // RESOURCE_EXHAUSTED: the rules are too large for `way`.
  static absl::StatusOr<RuleSet> Compile(
      v1::RuleFile file, MatchWay way = MatchWay::kAutomatic,
      std::vector<RuleProblem>* problems = nullptr);

  // Indices of all rules whose `match` a text meets, in the order in which they
  // are looked at: by priority, then by their order in the file.
  std::vector<int> FindAll(absl::string_view text) const;
  // Those of them that act, conditions aside: the first, and the next ones
  // while each says `go_on`.
  std::vector<int> Match(absl::string_view text) const;

  const v1::RuleFile& file() const { return file_; }
  const ConditionSet& conditions(int rule) const { return conditions_[rule]; }
  // The file's values, or their defaults.
  std::string bot_name() const;
  int answers_in_a_row_max() const;
  int answers_an_hour_max() const;
  absl::Duration human_silence() const;
  // How many phrases and patterns there are.
  int expressions() const { return static_cast<int>(rank_of_.size()); }

 private:
  explicit RuleSet(v1::RuleFile file);

  v1::RuleFile file_;
  std::vector<ConditionSet> conditions_;  // Of each rule.
  std::vector<int> order_;                // Rule of each rank.
  std::vector<MatchTree> trees_;          // Of each rank.
  std::vector<int> always_;   // Ranks that may match where nothing is found.
  std::vector<int> rank_of_;  // Of each expression; ascending.
  std::unique_ptr<const TextMatcher> matcher_;
};

// What the examples in the rules' own file say against them.
std::vector<RuleProblem> CheckExamples(const RuleSet& rules);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_RULE_SET_H_
