#ifndef CHATGATE_CLIENT_RESPONDER_ACTION_CHECK_H_
#define CHATGATE_CLIENT_RESPONDER_ACTION_CHECK_H_

#include <string>
#include <vector>

#include "chatgate/v1/rules.pb.h"

namespace chatgate {

// What is wrong with a rule's actions; `field` is a path in Rule, such as
// `actions[1].reply.body`.
struct ActionProblem {
  std::string field;
  std::string reason;
};

// Empty where they are right, also about the captures that their texts need of
// the rule's patterns, which are right themselves.
std::vector<ActionProblem> CheckActions(const v1::Rule& rule);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_ACTION_CHECK_H_
