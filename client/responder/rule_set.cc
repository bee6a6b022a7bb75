#include "client/responder/rule_set.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr int kAnswersInARow = 3;
constexpr int kAnswersAnHour = 60;
constexpr absl::Duration kHumanSilence = absl::Minutes(10);

absl::Status Refuse(const std::vector<RuleProblem>& found,
                    const v1::RuleFile& file,
                    std::vector<RuleProblem>* problems) {
  if (problems != nullptr) *problems = found;
  return absl::InvalidArgumentError(absl::StrJoin(
      found, "\n", [&](std::string* out, const RuleProblem& problem) {
        absl::StrAppend(out, Describe(problem, file));
      }));
}

}  // namespace

RuleSet::RuleSet(v1::RuleFile file)
    : file_(std::move(file)), order_(file_.rules_size()) {
  for (const v1::Rule& rule : file_.rules()) {
    conditions_.emplace_back(rule.when(), file_.time_zone());
  }
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), [&](int a, int b) {
    return file_.rules(a).priority() > file_.rules(b).priority();
  });
}

absl::StatusOr<RuleSet> RuleSet::Compile(v1::RuleFile file, MatchWay way,
                                         std::vector<RuleProblem>* problems) {
  std::vector<RuleProblem> found = CheckRules(file);
  if (!found.empty()) return Refuse(found, file, problems);
  RuleSet rules(std::move(file));
  std::vector<Expression> expressions;
  for (const int rule : rules.order_) {
    const int rank = static_cast<int>(rules.trees_.size());
    rules.trees_.emplace_back(rules.file_.rules(rule).match(), expressions);
    rules.rank_of_.resize(expressions.size(), rank);
    if (!rules.trees_.back().NeedsText()) rules.always_.push_back(rank);
  }
  ASSIGN_OR_RETURN(rules.matcher_, NewTextMatcher(way, expressions));
  found = CheckExamples(rules);
  if (!found.empty()) return Refuse(found, rules.file_, problems);
  return rules;
}

std::vector<int> RuleSet::FindAll(absl::string_view text) const {
  const std::vector<int> expressions = matcher_->Match(text);
  std::vector<int> ranks = always_;
  for (const int expression : expressions) {
    ranks.push_back(rank_of_[expression]);
  }
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  std::vector<bool> found;  // Only made where a rule asks for more than one.
  std::vector<int> matching;
  for (const int rank : ranks) {
    const MatchTree& tree = trees_[rank];
    if (!tree.IsPlain()) {
      if (found.empty()) {
        found.resize(rank_of_.size());
        for (const int expression : expressions) found[expression] = true;
      }
      if (!tree.Holds(found)) continue;
    }
    matching.push_back(order_[rank]);
  }
  return matching;
}

std::vector<int> RuleSet::Match(absl::string_view text) const {
  std::vector<int> acting = FindAll(text);
  for (size_t i = 0; i < acting.size(); ++i) {
    if (!file_.rules(acting[i]).go_on()) acting.resize(i + 1);
  }
  return acting;
}

std::string RuleSet::bot_name() const {
  return file_.bot_name().empty() ? "Bot" : file_.bot_name();
}

int RuleSet::answers_in_a_row_max() const {
  return file_.answers_in_a_row_max() == 0 ? kAnswersInARow
                                           : file_.answers_in_a_row_max();
}

int RuleSet::answers_an_hour_max() const {
  return file_.answers_an_hour_max() == 0 ? kAnswersAnHour
                                          : file_.answers_an_hour_max();
}

absl::Duration RuleSet::human_silence() const {
  if (!file_.has_human_silence()) return kHumanSilence;
  return absl::Seconds(file_.human_silence().seconds()) +
         absl::Nanoseconds(file_.human_silence().nanos());
}

}  // namespace chatgate
