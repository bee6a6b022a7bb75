#ifndef CHATGATE_CLIENT_CHATGATECTL_RECORDS_COMMAND_H_
#define CHATGATE_CLIENT_CHATGATECTL_RECORDS_COMMAND_H_

#include <cstdint>
#include <string>
#include <vector>

#include "client/chat_client.h"
#include "client/chatgatectl/exit_code.h"

namespace chatgate {

// `export`: writes every record of the app to standard output, a line of JSON
// each. Says on standard error how many there were, and whether something
// happened meanwhile.
ExitCode RunExport(ChatClient& client, const std::vector<std::string>& apps,
                   const CallOptions& options);

// `import FILE`: adds the records of a file, or of standard input for `-`.
// Stops at the first line that is refused and names it; the lines before it may
// have been added, and adding them again changes nothing.
ExitCode RunImport(ChatClient& client,
                   const std::vector<std::string>& arguments,
                   const std::vector<std::string>& apps,
                   const CallOptions& options);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_RECORDS_COMMAND_H_
