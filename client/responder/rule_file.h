#ifndef CHATGATE_CLIENT_RESPONDER_RULE_FILE_H_
#define CHATGATE_CLIENT_RESPONDER_RULE_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chatgate/v1/rules.pb.h"

namespace chatgate {

// Reads a rule file, a RuleFile as text proto, and checks it whole.
// INVALID_ARGUMENT: the message has one line for each problem,
//
//   greeting.textproto:12: the pattern "a(" is wrong: missing ): a(
//
// NOT_FOUND and such: the file cannot be read.
absl::StatusOr<v1::RuleFile> ReadRuleFile(const std::string& path);

// The same for text that is there already; `name` stands for the file's.
absl::StatusOr<v1::RuleFile> ParseRuleFile(absl::string_view name,
                                           const std::string& text);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_RULE_FILE_H_
