// Answers leads by rules; docs/responder.md is its manual.
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "client/chat_client.h"
#include "client/flags.h"
#include "client/responder/responder.h"
#include "client/responder/rule_file.h"
#include "client/status.h"
#include "client/stop_signal.h"
#include "server/base/log.h"

ABSL_FLAG(bool, help, false, "");
ABSL_FLAG(std::string, server, "", "");
ABSL_FLAG(std::string, rules, "", "");
ABSL_FLAG(bool, check, false, "");
ABSL_FLAG(std::string, cursor_file, "", "");
ABSL_FLAG(std::string, token_file, "", "");
ABSL_FLAG(std::string, tls_ca, "", "");

namespace chatgate {
namespace {

constexpr char kHelp[] = R"(Answers the messages of leads by rules.

  chatgate-responder --server HOST:PORT --rules FILE [--cursor_file FILE]
  chatgate-responder --rules FILE --check

  --server HOST:PORT   the gateway
  --rules FILE         the rules, a text proto; examples/rules/ has some
  --check              only say what is wrong with the rules
  --cursor_file FILE   where to keep the position, so that a restart misses
                       nothing; without it each start begins with what happens
                       from then on
  --token_file FILE    the caller's token; default: environment CHATGATE_TOKEN
  --tls_ca FILE        speak TLS and trust these roots (PEM); default: no TLS

Writes `chatgate-responder ready ...` once it listens, and a log line for each
answer. SIGTERM ends it after the answer that is under way. Ends with 0 when it
was told to, or when the rules are right; 1 when it cannot go on, or the rules
are wrong; 2 when the command line is wrong.
)";

int Fail(int exit_code, const absl::Status& status) {
  std::cerr << "chatgate-responder: "
            << (exit_code == 2 ? std::string(status.message())
                               : ErrorLine(status))
            << "\n";
  return exit_code;
}

int Serve(ClientOptions client_options, RuleSet rules) {
  const std::string server = client_options.server;
  const int rule_count = rules.file().rules_size();
  absl::StatusOr<std::unique_ptr<ChatClient>> client =
      ChatClient::Connect(std::move(client_options));
  if (!client.ok()) return Fail(2, client.status());
  ResponderOptions options;
  options.cursor_file = absl::GetFlag(FLAGS_cursor_file);
  Responder responder(**client, std::move(rules), options);
  StopSignal stop([&responder] { responder.Stop(); });
  const absl::Status end = responder.Run([&] {
    std::cout << "chatgate-responder ready server=" << server
              << " rules=" << rule_count << std::endl;
  });
  const AnswerCounts counts = responder.counts();
  LogInfo("stopped", {{"answered", counts.answered},
                      {"refused", counts.refused},
                      {"repeated", counts.repeated},
                      {"too_old", counts.too_old},
                      {"guarded", counts.guarded}});
  return end.ok() ? 0 : Fail(1, end);
}

int Run(int argc, char** argv) {
  const absl::StatusOr<std::vector<std::string>> arguments =
      ParseFlags(argc, argv);
  if (!arguments.ok()) return Fail(2, arguments.status());
  if (absl::GetFlag(FLAGS_help)) {
    std::cout << kHelp;
    return 0;
  }
  if (!arguments->empty() || absl::GetFlag(FLAGS_rules).empty()) {
    std::cerr << kHelp;
    return 2;
  }
  absl::StatusOr<RuleSet> rules = ReadRules(absl::GetFlag(FLAGS_rules));
  if (!rules.ok()) {
    // One line for each problem, to be read by people and editors.
    std::cerr << rules.status().message() << "\n";
    return 1;
  }
  if (absl::GetFlag(FLAGS_check)) {
    std::cout << absl::GetFlag(FLAGS_rules) << ": "
              << rules->file().rules_size() << " rules are right\n";
    return 0;
  }
  absl::StatusOr<ClientOptions> options = OptionsFromFlags(
      absl::GetFlag(FLAGS_server), absl::GetFlag(FLAGS_token_file),
      absl::GetFlag(FLAGS_tls_ca));
  if (!options.ok()) return Fail(2, options.status());
  return Serve(*std::move(options), *std::move(rules));
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  chatgate::BlockStopSignals();
  return chatgate::Run(argc, argv);
}
