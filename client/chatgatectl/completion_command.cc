#include "client/chatgatectl/completion_command.h"

#include <google/protobuf/descriptor.h>

#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "chatgate/v1/events.pb.h"
#include "client/chat_client.h"

namespace chatgate {
namespace {

// `$0` commands, `$1` RPCs, `$2` flags, `$3` kinds of events; `$$` is a dollar.
constexpr char kBash[] = R"sh(_chatgatectl() {
  local word=$${COMP_WORDS[COMP_CWORD]} before=$${COMP_WORDS[COMP_CWORD-1]}
  local command= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case $${COMP_WORDS[i]} in
      -*) ;;
      *) case " $0 " in
           *" $${COMP_WORDS[i]} "*) command=$${COMP_WORDS[i]}; break ;;
         esac ;;
    esac
  done
  local words=
  case $$before in
    --output) words="auto human json" ;;
    --from) words="latest earliest" ;;
    --direction) words="u2a a2u" ;;
    --kind) words="$3" ;;
    --token_file|--tls_ca) COMPREPLY=($$(compgen -f -- "$$word")); return ;;
    call) words="$1" ;;
    completion) words="bash zsh" ;;
    webhooks) words="list deliveries resend" ;;
    *) case $$word,$$command in
         -*) words="$2" ;;
         *,ingest|*,import) COMPREPLY=($$(compgen -f -- "$$word")); return ;;
         *,) words="$0" ;;
       esac ;;
  esac
  COMPREPLY=($$(compgen -W "$$words" -- "$$word"))
}
complete -F _chatgatectl chatgatectl
)sh";

std::string MethodNames() {
  std::vector<std::string> names;
  for (const auto* method : ChatClient::Methods()) {
    names.push_back(method->name());
  }
  return absl::StrJoin(names, " ");
}

std::string KindNames() {
  std::vector<std::string> names;
  for (int i = 1; i < v1::EventKind_descriptor()->value_count(); ++i) {
    // Without EVENT_KIND_.
    names.push_back(absl::AsciiStrToLower(
        v1::EventKind_descriptor()->value(i)->name().substr(11)));
  }
  return absl::StrJoin(names, " ");
}

}  // namespace

ExitCode RunCompletion(const std::vector<std::string>& arguments,
                       const std::vector<std::string>& commands,
                       const std::vector<std::string>& flags) {
  if (arguments.size() != 1 ||
      (arguments[0] != "bash" && arguments[0] != "zsh")) {
    return FailUsage(absl::InvalidArgumentError(
        "completion takes bash or zsh, such as: source <(chatgatectl "
        "completion bash)"));
  }
  // zsh runs bash's completions with this.
  if (arguments[0] == "zsh") {
    std::cout << "autoload -U +X compinit && compinit\n"
                 "autoload -U +X bashcompinit && bashcompinit\n";
  }
  std::cout << absl::Substitute(
      kBash, absl::StrJoin(commands, " "), MethodNames(),
      absl::StrCat("--", absl::StrJoin(flags, " --")), KindNames());
  return kExitOk;
}

}  // namespace chatgate
