#include "client/responder/rule_check.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/responder/action_check.h"
#include "client/responder/conditions.h"
#include "client/responder/match_tree.h"
#include "client/responder/text_check.h"
#include "client/responder/text_matcher.h"

namespace chatgate {
namespace {

constexpr int kRulesMax = 10'000;
constexpr int kExpressionsMax = 1'000;  // Of one rule.
constexpr int kExamplesMax = 100;
constexpr int kDepthMax = 8;
constexpr size_t kNameBytesMax = 64;
constexpr size_t kBotNameCharsMax = 255;
constexpr size_t kPhraseBytesMax = 1'000;
constexpr size_t kPatternBytesMax = 10'000;
constexpr int kAnswersInARowMax = 100;
constexpr int kAnswersAnHourMax = 1'000;
constexpr int64_t kDaySeconds = 86'400;

bool IsName(const std::string& name) {
  for (const char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' &&
        c != '_' && c != '.') {
      return false;
    }
  }
  return !name.empty() && name.size() <= kNameBytesMax;
}

bool IsWithin(const google::protobuf::Duration& time, int64_t seconds_max) {
  return time.seconds() >= 0 && time.nanos() >= 0 &&
         time.seconds() + (time.nanos() > 0 ? 1 : 0) <= seconds_max;
}

// Collects the problems of one rule.
class RuleCheck {
 public:
  RuleCheck(int index, const v1::RuleFile& file,
            std::vector<RuleProblem>& problems)
      : index_(index),
        file_(file),
        rule_(file.rules(index)),
        problems_(problems) {}

  void Run(std::set<std::string>& ids) {
    const std::vector<TextProblem> texts = CheckTexts(rule_);
    for (const TextProblem& problem : texts) Add(problem.field, problem.reason);
    // What cannot be read says nothing more.
    if (!texts.empty()) return;
    CheckId(ids);
    const size_t before = problems_.size();
    CheckMatch(rule_.match(), "match", 1);
    if (expressions_ > kExpressionsMax) {
      Add("match", "match has more than 1000 phrases and patterns");
    }
    if (problems_.size() == before) {
      if (std::string why = WhyNever(rule_.match()); !why.empty()) {
        Add("match", why);
      }
    }
    for (const ConditionProblem& problem :
         CheckConditions(rule_.when(), file_.time_zone())) {
      Add(problem.field, problem.reason);
    }
    for (const ActionProblem& problem : CheckActions(rule_)) {
      Add(problem.field, problem.reason);
    }
    CheckLimits();
  }

 private:
  void Add(absl::string_view field, absl::string_view reason) {
    problems_.push_back({index_, std::string(field), std::string(reason)});
  }

  void CheckId(std::set<std::string>& ids) {
    if (!IsName(rule_.id())) {
      Add("id", "id is 1 to 64 letters, digits, '-', '_' and '.'");
    } else if (!ids.insert(rule_.id()).second) {
      Add("id", absl::StrCat("id \"", rule_.id(), "\" is another rule's too"));
    }
  }

  void CheckMatch(const v1::Match& match, const std::string& field, int depth) {
    if (depth > kDepthMax) {
      Add(field, "match has more than 8 levels");
      return;
    }
    if (match.ByteSizeLong() == 0) {
      Add(field, "match has no phrase and no pattern: it matches nothing");
    }
    expressions_ += match.phrases_size() + match.patterns_size();
    for (int i = 0; i < match.phrases_size(); ++i) {
      CheckPhrase(match.phrases(i), absl::StrCat(field, ".phrases[", i, "]"));
    }
    for (int i = 0; i < match.patterns_size(); ++i) {
      CheckPattern(match.patterns(i),
                   absl::StrCat(field, ".patterns[", i, "]"));
    }
    for (int i = 0; i < match.any_size(); ++i) {
      CheckMatch(match.any(i), absl::StrCat(field, ".any[", i, "]"), depth + 1);
    }
    for (int i = 0; i < match.all_size(); ++i) {
      CheckMatch(match.all(i), absl::StrCat(field, ".all[", i, "]"), depth + 1);
    }
    for (int i = 0; i < match.not__size(); ++i) {
      CheckMatch(match.not_(i), absl::StrCat(field, ".not[", i, "]"),
                 depth + 1);
    }
  }

  void CheckPhrase(const std::string& phrase, const std::string& field) {
    if (absl::StripAsciiWhitespace(phrase).empty()) {
      Add(field, "the phrase is empty: it is in every message");
    } else if (phrase.size() > kPhraseBytesMax) {
      Add(field, "the phrase is longer than 1000 bytes");
    }
  }

  void CheckPattern(const std::string& pattern, const std::string& field) {
    if (pattern.empty()) {
      Add(field,
          "the pattern is empty: it is in every message; all messages are "
          "`.*`");
    } else if (pattern.size() > kPatternBytesMax) {
      Add(field, "the pattern is longer than 10000 bytes");
    } else if (const std::string why = WhyWrong(pattern); !why.empty()) {
      Add(field, absl::StrCat("the pattern \"", pattern, "\" is wrong: ", why));
    }
  }

  void CheckLimits() {
    if (!IsWithin(rule_.cooldown(), 7 * kDaySeconds)) {
      Add("cooldown", "cooldown is 0 seconds to 7 days");
    }
    if (rule_.per_conversation_max() < 0) {
      Add("per_conversation_max", "per_conversation_max is 1 or more");
    }
    if (rule_.examples().match_size() > kExamplesMax ||
        rule_.examples().no_match_size() > kExamplesMax) {
      Add("examples", "the rule has more than 100 examples of one kind");
    }
  }

  const int index_;
  const v1::RuleFile& file_;
  const v1::Rule& rule_;
  std::vector<RuleProblem>& problems_;
  int expressions_ = 0;
};

void CheckFile(const v1::RuleFile& file, std::vector<RuleProblem>& problems) {
  const auto add = [&](absl::string_view field, absl::string_view reason) {
    problems.push_back({-1, std::string(field), std::string(reason)});
  };
  if (file.rules().empty()) add("", "the file has no rule");
  if (file.rules_size() > kRulesMax) {
    add(absl::StrCat("rules[", kRulesMax, "]"), "more than 10000 rules");
  }
  if (const absl::string_view why = WhyNoText(file.bot_name()); !why.empty()) {
    add("bot_name", absl::StrCat("bot_name ", why));
  } else if (CharactersIn(file.bot_name()) > kBotNameCharsMax) {
    add("bot_name", "bot_name has more than 255 characters");
  }
  if (file.answers_in_a_row_max() < 0 ||
      file.answers_in_a_row_max() > kAnswersInARowMax) {
    add("answers_in_a_row_max",
        "answers_in_a_row_max is 1 to 100, or absent for 3");
  }
  if (file.answers_an_hour_max() < 0 ||
      file.answers_an_hour_max() > kAnswersAnHourMax) {
    add("answers_an_hour_max",
        "answers_an_hour_max is 1 to 1000, or absent for 60");
  }
  if (!IsWithin(file.human_silence(), kDaySeconds)) {
    add("human_silence", "human_silence is 0 seconds to 24 hours");
  }
  if (!file.version().empty() && !IsName(file.version())) {
    add("version", "version is 1 to 64 letters, digits, '-', '_' and '.'");
  }
  if (absl::TimeZone zone; !LoadZone(file.time_zone(), &zone)) {
    add("time_zone",
        absl::StrCat("there is no time zone \"", file.time_zone(), "\""));
  }
}

}  // namespace

std::vector<RuleProblem> CheckRules(const v1::RuleFile& file) {
  std::vector<RuleProblem> problems;
  CheckFile(file, problems);
  std::set<std::string> ids;
  for (int i = 0; i < file.rules_size(); ++i) {
    RuleCheck(i, file, problems).Run(ids);
  }
  return problems;
}

std::string Describe(const RuleProblem& problem, const v1::RuleFile& file) {
  if (problem.rule < 0) return problem.reason;
  return absl::StrCat("rule ", problem.rule + 1, " (\"",
                      file.rules(problem.rule).id(), "\"): ", problem.reason);
}

}  // namespace chatgate
