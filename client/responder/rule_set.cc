#include "client/responder/rule_set.h"

#include <re2/re2.h>

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr int kRulesMax = 10'000;
constexpr int kExpressionsMax = 1'000;  // Of one rule.
constexpr int kActionsMax = 20;
constexpr size_t kIdBytesMax = 64;
constexpr size_t kPhraseBytesMax = 1'000;
constexpr size_t kPatternBytesMax = 10'000;
constexpr size_t kBodyBytesMax = 64 << 10;
constexpr int kAnswersInARow = 3;
constexpr int kAnswersInARowMax = 100;

// Collects the problems of one rule.
class RuleCheck {
 public:
  RuleCheck(int rule, std::vector<RuleProblem>& problems)
      : rule_(rule), problems_(problems) {}

  void Add(absl::string_view field, int index, absl::string_view reason) {
    problems_.push_back(
        {rule_, std::string(field), index, std::string(reason)});
  }

  void CheckId(const std::string& id, std::set<std::string>& ids) {
    bool is_right = !id.empty() && id.size() <= kIdBytesMax;
    for (const char c : id) {
      is_right =
          is_right && (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                       c == '-' || c == '_' || c == '.');
    }
    if (!is_right) {
      Add("id", -1, "id is 1 to 64 letters, digits, '-', '_' and '.'");
    } else if (!ids.insert(id).second) {
      Add("id", -1, absl::StrCat("id \"", id, "\" is another rule's too"));
    }
  }

  void CheckMatch(const v1::Match& match) {
    const int count = match.phrases_size() + match.patterns_size();
    if (count == 0) {
      Add("match", -1,
          "match has no phrase and no pattern: it matches nothing");
    }
    if (count > kExpressionsMax) {
      Add("match", -1, "match has more than 1000 phrases and patterns");
    }
    for (int i = 0; i < match.phrases_size(); ++i) {
      CheckPhrase(match.phrases(i), i);
    }
    for (int i = 0; i < match.patterns_size(); ++i) {
      CheckPattern(match.patterns(i), i);
    }
  }

  void CheckActions(const v1::Rule& rule) {
    if (rule.actions().empty()) {
      Add("actions", -1, "the rule has no action: it does nothing");
    }
    if (rule.actions_size() > kActionsMax) {
      Add("actions", -1, "the rule has more than 20 actions");
    }
    for (int i = 0; i < rule.actions_size(); ++i) {
      CheckAction(rule.actions(i), i);
    }
  }

 private:
  void CheckPhrase(const std::string& phrase, int index) {
    if (absl::StripAsciiWhitespace(phrase).empty()) {
      Add("match.phrases", index,
          "the phrase is empty: it is in every message");
    } else if (phrase.size() > kPhraseBytesMax) {
      Add("match.phrases", index, "the phrase is longer than 1000 bytes");
    }
  }
  void CheckPattern(const std::string& pattern, int index) {
    if (pattern.empty()) {
      Add("match.patterns", index,
          "the pattern is empty; all messages are `.*`");
    } else if (pattern.size() > kPatternBytesMax) {
      Add("match.patterns", index, "the pattern is longer than 10000 bytes");
    } else if (const std::string why = WhyWrong(pattern); !why.empty()) {
      Add("match.patterns", index,
          absl::StrCat("the pattern \"", pattern, "\" is wrong: ", why));
    }
  }
  void CheckAction(const v1::Action& action, int index) {
    if (!action.has_reply()) {
      Add("actions", index, "the action says nothing to do");
      return;
    }
    const v1::Reply& reply = action.reply();
    if (absl::StripAsciiWhitespace(reply.body()).empty()) {
      Add("actions", index, "the reply has no body");
    } else if (reply.body().size() > kBodyBytesMax) {
      Add("actions", index, "the reply's body is longer than 64 KiB");
    }
    if (!reply.type().empty() && reply.type() != "reply_admin" &&
        reply.type() != "note") {
      Add("actions", index,
          absl::StrCat("the reply's type is reply_admin or note, not \"",
                       reply.type(), "\""));
    }
  }

  const int rule_;
  std::vector<RuleProblem>& problems_;
};

std::string Describe(const RuleProblem& problem, const v1::RuleFile& file) {
  if (problem.rule < 0) return problem.reason;
  return absl::StrCat("rule ", problem.rule + 1, " (\"",
                      file.rules(problem.rule).id(), "\"): ", problem.reason);
}

}  // namespace

std::vector<RuleProblem> CheckRules(const v1::RuleFile& file) {
  std::vector<RuleProblem> problems;
  if (file.rules().empty()) {
    problems.push_back({-1, "", -1, "the file has no rule"});
  }
  if (file.rules_size() > kRulesMax) {
    problems.push_back({-1, "rules", kRulesMax, "more than 10000 rules"});
  }
  if (file.answers_in_a_row_max() < 0 ||
      file.answers_in_a_row_max() > kAnswersInARowMax) {
    problems.push_back({-1, "answers_in_a_row_max", -1,
                        "answers_in_a_row_max is 1 to 100, or absent for 3"});
  }
  std::set<std::string> ids;
  for (int i = 0; i < file.rules_size(); ++i) {
    RuleCheck check(i, problems);
    check.CheckId(file.rules(i).id(), ids);
    check.CheckMatch(file.rules(i).match());
    check.CheckActions(file.rules(i));
  }
  return problems;
}

absl::StatusOr<RuleSet> RuleSet::Compile(v1::RuleFile file, MatchWay way) {
  const std::vector<RuleProblem> problems = CheckRules(file);
  if (!problems.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(
        problems, "\n", [&](std::string* out, const RuleProblem& problem) {
          absl::StrAppend(out, Describe(problem, file));
        }));
  }
  std::vector<std::string> expressions;
  std::vector<int> rule_of;
  for (int i = 0; i < file.rules_size(); ++i) {
    const v1::Match& match = file.rules(i).match();
    for (const std::string& phrase : match.phrases()) {
      expressions.push_back(RE2::QuoteMeta(phrase));
    }
    for (const std::string& pattern : match.patterns()) {
      expressions.push_back(pattern);
    }
    rule_of.resize(expressions.size(), i);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<const TextMatcher> matcher,
                   NewTextMatcher(way, expressions));
  return RuleSet(std::move(file), std::move(rule_of), std::move(matcher));
}

RuleSet::RuleSet(v1::RuleFile file, std::vector<int> rule_of,
                 std::unique_ptr<const TextMatcher> matcher)
    : file_(std::move(file)),
      rule_of_(std::move(rule_of)),
      matcher_(std::move(matcher)) {}

std::vector<int> RuleSet::Match(absl::string_view text) const {
  std::vector<int> acting;
  for (const int expression : matcher_->Match(text)) {
    const int rule = rule_of_[expression];
    if (!acting.empty() && acting.back() == rule) continue;
    acting.push_back(rule);
    if (!file_.rules(rule).go_on()) break;
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

}  // namespace chatgate
