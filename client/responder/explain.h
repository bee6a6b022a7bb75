#ifndef CHATGATE_CLIENT_RESPONDER_EXPLAIN_H_
#define CHATGATE_CLIENT_RESPONDER_EXPLAIN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/responder/rule_set.h"

namespace chatgate {

// What the rules would do about a text, for people: every rule that matches it,
// what it has found and captured, its guards, and what it would send. The text
// is taken for the first message of a conversation without tags, received at
// `now`.
std::string Explain(const RuleSet& rules, absl::string_view text,
                    absl::Time now);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_EXPLAIN_H_
