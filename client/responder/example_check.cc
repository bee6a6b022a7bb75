#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/responder/rule_set.h"

namespace chatgate {
namespace {

// The other rule whose answer to the example would be as right, or -1.
int Rival(const v1::RuleFile& file, const std::vector<int>& matching,
          int index) {
  const v1::Rule& rule = file.rules(index);
  for (const int other : matching) {
    const v1::Rule& rival = file.rules(other);
    if (other == index || rival.priority() != rule.priority()) continue;
    // Both act where the one that is looked at first goes on.
    if ((other < index ? rival : rule).go_on()) continue;
    if (MayBothHold(rule.when(), rival.when())) return other;
  }
  return -1;
}

}  // namespace

std::vector<RuleProblem> CheckExamples(const RuleSet& rules) {
  std::vector<RuleProblem> problems;
  const v1::RuleFile& file = rules.file();
  for (int i = 0; i < file.rules_size(); ++i) {
    const v1::Examples& examples = file.rules(i).examples();
    const auto matches = [i](const std::vector<int>& matching) {
      return std::find(matching.begin(), matching.end(), i) != matching.end();
    };
    for (int e = 0; e < examples.match_size(); ++e) {
      const std::string field = absl::StrCat("examples.match[", e, "]");
      const std::vector<int> matching = rules.FindAll(examples.match(e));
      if (!matches(matching)) {
        problems.push_back({i, field,
                            absl::StrCat("the example \"", examples.match(e),
                                         "\" does not match the rule")});
      } else if (const int rival = Rival(file, matching, i); rival >= 0) {
        problems.push_back(
            {i, field,
             absl::StrCat("the example \"", examples.match(e),
                          "\" also matches the rule \"", file.rules(rival).id(),
                          "\" of the same priority: say which goes first")});
      }
    }
    for (int e = 0; e < examples.no_match_size(); ++e) {
      if (!matches(rules.FindAll(examples.no_match(e)))) continue;
      problems.push_back({i, absl::StrCat("examples.no_match[", e, "]"),
                          absl::StrCat("the example \"", examples.no_match(e),
                                       "\" matches the rule")});
    }
  }
  return problems;
}

}  // namespace chatgate
