#ifndef CHATGATE_CLIENT_FLAGS_H_
#define CHATGATE_CLIENT_FLAGS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/chat_client.h"

namespace chatgate {

// What a program was started with.
struct CommandLine {
  std::vector<std::string> arguments;  // Those that are no flags.
  std::set<std::string> flags;         // Names of the flags that were given.
};

// Reads `--name=value`, `--name value`, `--bool`, `--nobool` into the program's
// absl flags, wherever they stand. Of a flag given again the last value counts;
// lists add up. What begins with `--` after an argument `--` is no flag.
// INVALID_ARGUMENT: a flag that is unknown, lacks its value, or cannot be read.
// (absl's own parser would end the program with exit code 1, which here means
// something else.)
absl::StatusOr<CommandLine> ParseFlags(int argc, const char* const* argv);

// How to connect, from the flags that both programs have. The token comes from
// `token_file`, or where that is empty from the environment's CHATGATE_TOKEN,
// or is empty. `tls_ca` is a file with PEM roots; empty: no TLS.
absl::StatusOr<ClientOptions> OptionsFromFlags(const std::string& server,
                                               const std::string& token_file,
                                               const std::string& tls_ca);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_FLAGS_H_
