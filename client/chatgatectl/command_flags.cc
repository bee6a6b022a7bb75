#include "client/chatgatectl/command_flags.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace chatgate {
namespace {

using Flags = std::set<std::string>;

// How the gateway is reached.
const Flags& Connection() {
  static const auto& flags = *new Flags{"server", "tls_ca", "token_file"};
  return flags;
}

// What each command takes besides; commands that are not here take nothing.
const std::map<std::string, Flags>& OwnFlags() {
  static const auto& flags = *new std::map<std::string, Flags>{
      {"call", {"deadline", "json", "output"}},
      {"tail",
       {"app_id", "conversation", "count", "direction", "from", "json", "kind",
        "output", "part_type", "raw", "user_id"}},
      {"webhooks", {"app_id", "deadline"}},
      {"budget", {"app_id", "deadline", "json", "output", "watch"}},
      {"export", {"app_id", "deadline"}},
      {"import", {"app_id", "deadline"}},
      {"ingest", {"http", "path", "type"}},
      {"fake-upstream",
       {"faults", "limit", "limit_kind", "listen", "seed", "to"}},
  };
  return flags;
}

bool TakesConnection(const std::string& command) {
  return command != "ingest" && command != "fake-upstream" &&
         command != "completion";
}

Flags FlagsOf(const std::string& command) {
  const auto own = OwnFlags().find(command);
  Flags flags = own == OwnFlags().end() ? Flags() : own->second;
  if (TakesConnection(command)) {
    flags.insert(Connection().begin(), Connection().end());
  }
  return flags;
}

// What to do instead of `command --flag`.
std::string Instead(const std::string& command, const std::string& flag,
                    const Flags& taken) {
  if (command == "call" && (flag == "app_id" || flag == "user_id")) {
    return absl::StrCat("put ", flag, " into the JSON");
  }
  if (command == "webhooks" && (flag == "json" || flag == "output")) {
    return "`call ListWebhookTargets` and `call ListWebhookDeliveries` write "
           "JSON";
  }
  if (command == "ingest" && flag == "server") {
    return "it posts to --http HOST:PORT, the gateway's HTTP listener";
  }
  if (taken.empty()) return "it takes no flags";
  return absl::StrCat("it takes --", absl::StrJoin(taken, ", --"));
}

}  // namespace

absl::Status CheckFlags(const std::string& command, const Flags& given) {
  const Flags taken = FlagsOf(command);
  for (const std::string& flag : given) {
    if (taken.count(flag) > 0) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        command, " takes no --", flag, ": ", Instead(command, flag, taken)));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
