#ifndef CHATGATE_CLIENT_RESPONDER_RULE_FILE_H_
#define CHATGATE_CLIENT_RESPONDER_RULE_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/responder/rule_set.h"

namespace chatgate {

// Reads a rule file, a RuleFile as text proto, and checks and compiles it
// whole. Where it names no version, that is the first twelve digits of its
// SHA-256. INVALID_ARGUMENT: the message has one line for each problem,
//
//   greeting.textproto:12: the pattern "a(" is wrong: missing ): a(
//
// NOT_FOUND and such: the file cannot be read, or has more than 64 MiB.
absl::StatusOr<RuleSet> ReadRules(const std::string& path);

// The same for text that is there already; `name` stands for the file's.
absl::StatusOr<RuleSet> ParseRules(absl::string_view name,
                                   const std::string& text);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_RULE_FILE_H_
