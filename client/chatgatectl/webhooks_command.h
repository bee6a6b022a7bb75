#ifndef CHATGATE_CLIENT_CHATGATECTL_WEBHOOKS_COMMAND_H_
#define CHATGATE_CLIENT_CHATGATECTL_WEBHOOKS_COMMAND_H_

#include <string>
#include <vector>

#include "client/chat_client.h"
#include "client/chatgatectl/exit_code.h"

namespace chatgate {

// `webhooks list`, `webhooks deliveries [TARGET]` and `webhooks resend TARGET`:
// what waits in the outbox, what was given up, and sending that again. `apps`
// is empty, or for `list` the one app whose targets are listed.
ExitCode RunWebhooks(ChatClient& client,
                     const std::vector<std::string>& arguments,
                     const std::vector<std::string>& apps,
                     const CallOptions& options);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_WEBHOOKS_COMMAND_H_
