#ifndef CHATGATE_CLIENT_RESPONDER_RULE_CHECK_H_
#define CHATGATE_CLIENT_RESPONDER_RULE_CHECK_H_

#include <string>
#include <vector>

#include "chatgate/v1/rules.pb.h"

namespace chatgate {

// What is wrong with a rule file, and where.
struct RuleProblem {
  int rule = -1;  // Index in RuleFile.rules; -1: the file itself.
  // Path in the rule, or the file: `match.any[2].patterns[1]`.
  std::string field = {};
  std::string reason = {};
};

// Every problem that `file` has by itself, in its order; empty where it is
// right. What its examples say is checked by CheckExamples (rule_set.h).
std::vector<RuleProblem> CheckRules(const v1::RuleFile& file);

// How a problem is told without line numbers.
std::string Describe(const RuleProblem& problem, const v1::RuleFile& file);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_RULE_CHECK_H_
