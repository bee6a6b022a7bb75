#ifndef CHATGATE_CLIENT_CHATGATECTL_COMPLETION_COMMAND_H_
#define CHATGATE_CLIENT_CHATGATECTL_COMPLETION_COMMAND_H_

#include <string>
#include <vector>

#include "client/chatgatectl/exit_code.h"

namespace chatgate {

// `completion bash|zsh`: writes a script that completes commands, RPCs, flags
// and their values; `flags` are those of the program, without dashes.
ExitCode RunCompletion(const std::vector<std::string>& arguments,
                       const std::vector<std::string>& commands,
                       const std::vector<std::string>& flags);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_COMPLETION_COMMAND_H_
