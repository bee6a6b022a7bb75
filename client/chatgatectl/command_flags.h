#ifndef CHATGATE_CLIENT_CHATGATECTL_COMMAND_FLAGS_H_
#define CHATGATE_CLIENT_CHATGATECTL_COMMAND_FLAGS_H_

#include <set>
#include <string>

#include "absl/status/status.h"

namespace chatgate {

// INVALID_ARGUMENT: `given` has a flag that `command` does not take; the
// message says what to do instead. A flag without effect would let people
// believe in one, such as `call ListUsers --app_id 777`.
absl::Status CheckFlags(const std::string& command,
                        const std::set<std::string>& given);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_COMMAND_FLAGS_H_
