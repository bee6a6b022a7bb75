#ifndef CHATGATE_CLIENT_CHATGATECTL_CALL_COMMAND_H_
#define CHATGATE_CLIENT_CHATGATECTL_CALL_COMMAND_H_

#include <string>
#include <vector>

#include "client/chat_client.h"
#include "client/chatgatectl/exit_code.h"
#include "client/chatgatectl/terminal.h"

namespace chatgate {

// `call METHOD [JSON|-]`: one unary RPC, request and response as JSON with the
// proto's own field names, or as a table (AnswerText). Without JSON the request
// is empty.
ExitCode RunCall(ChatClient& client, const std::vector<std::string>& arguments,
                 const CallOptions& options, Reader reader);

// `methods`: the name of every RPC, and what it takes.
ExitCode RunMethods();

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_CALL_COMMAND_H_
