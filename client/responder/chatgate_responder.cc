// Answers leads by rules; docs/responder.md is its manual.
#include <signal.h>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "client/chat_client.h"
#include "client/flags.h"
#include "client/responder/explain.h"
#include "client/responder/metrics_server.h"
#include "client/responder/replay.h"
#include "client/responder/responder.h"
#include "client/responder/rule_file.h"
#include "client/responder/rule_watcher.h"
#include "client/standard_output.h"
#include "client/status.h"
#include "client/stop_signal.h"
#include "server/base/log.h"

ABSL_FLAG(bool, help, false, "");
ABSL_FLAG(std::string, server, "", "");
ABSL_FLAG(std::string, rules, "", "");
ABSL_FLAG(bool, check, false, "");
ABSL_FLAG(std::string, explain, "", "");
ABSL_FLAG(std::string, replay, "", "");
ABSL_FLAG(std::string, against, "", "");
ABSL_FLAG(std::string, cursor_file, "", "");
ABSL_FLAG(std::string, metrics_listen, "", "");
ABSL_FLAG(std::string, token_file, "", "");
ABSL_FLAG(std::string, tls_ca, "", "");

namespace chatgate {
namespace {

constexpr char kHelp[] = R"(Answers the messages of leads by rules.

  chatgate-responder --server HOST:PORT --rules FILE [--cursor_file FILE]
  chatgate-responder --rules FILE --check
  chatgate-responder --rules FILE --explain TEXT
  chatgate-responder --server HOST:PORT --rules FILE --replay FROM..TO
                     [--against OTHER_FILE]

  --server HOST:PORT   the gateway
  --rules FILE         the rules, a text proto; examples/rules/ has some. Read
                       again on SIGHUP and when the file changes; a wrong file
                       is refused whole and the rules stay as they are
  --check              only say what is wrong with the rules
  --explain TEXT       only say what the rules would do about a first message
  --replay FROM..TO    only say what the rules would have done, sending nothing;
                       FROM is earliest, a time such as 2026-01-31T12:00:00Z or
                       a cursor; TO is a time or latest
  --against FILE       with --replay: what these rules would have done instead
  --cursor_file FILE   where to keep the position, so that a restart misses
                       nothing; without it each start begins with what happens
                       from then on
  --metrics_listen HOST:PORT
                       serve Prometheus metrics at /metrics; default: no
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

// The end of a mode whose output is what was asked for: an error where standard
// output did not take all of it.
int Finish(int exit_code) {
  if (exit_code != 0) return exit_code;
  const absl::Status flushed = FlushOutput();
  if (flushed.ok()) return 0;
  // Who closed a pipe has what they wanted.
  return IsOutputClosed() ? 1 : Fail(1, flushed);
}

// Says what is wrong with a rule file, one line for each problem, to be read by
// people and editors.
int FailRules(const absl::Status& status) {
  std::cerr << status.message() << "\n";
  return 1;
}

void Reload(Responder& responder) {
  absl::StatusOr<RuleSet> rules = ReadRules(absl::GetFlag(FLAGS_rules));
  if (!rules.ok()) {
    responder.metrics().CountReload(false);
    for (const absl::string_view line :
         absl::StrSplit(rules.status().message(), '\n')) {
      LogError("rules stay as they are", {{"problem", line}});
    }
    return;
  }
  LogInfo("rules were read again", {{"version", rules->file().version()},
                                    {"rules", rules->file().rules_size()}});
  responder.SetRules(*std::move(rules));
  // Whoever sees the count may rely on the rules.
  responder.metrics().CountReload(true);
}

int Serve(ChatClient& client, RuleSet rules, const FileLook& file) {
  const std::string about = absl::StrCat(" rules=", rules.file().rules_size(),
                                         " version=", rules.file().version());
  ResponderOptions options;
  options.cursor_file = absl::GetFlag(FLAGS_cursor_file);
  Responder responder(client, std::move(rules), options);
  std::string metrics_at;
  std::unique_ptr<MetricsServer> metrics;
  if (!absl::GetFlag(FLAGS_metrics_listen).empty()) {
    auto started =
        MetricsServer::Start(absl::GetFlag(FLAGS_metrics_listen),
                             [&responder] { return responder.MetricsText(); });
    if (!started.ok()) {
      return Fail(absl::IsInvalidArgument(started.status()) ? 2 : 1,
                  started.status());
    }
    metrics = *std::move(started);
    metrics_at = absl::StrCat(" metrics=", metrics->address());
  }
  RuleWatcher watcher(absl::GetFlag(FLAGS_rules), file,
                      [&responder] { Reload(responder); });
  StopSignal stop([&responder] { responder.Stop(); });
  const absl::Status end = responder.Run([&] {
    std::cout << "chatgate-responder ready server="
              << absl::GetFlag(FLAGS_server) << about << metrics_at
              << std::endl;
  });
  const AnswerCounts counts = responder.counts();
  LogInfo("stopped", {{"answered", counts.answered},
                      {"refused", counts.refused},
                      {"repeated", counts.repeated},
                      {"too_old", counts.too_old},
                      {"guarded", counts.guarded},
                      {"events_missed", responder.metrics().events_missed()}});
  return end.ok() ? 0 : Fail(1, end);
}

int RunReplay(ChatClient& client, const RuleSet& rules) {
  const absl::StatusOr<ReplayRange> range =
      ParseReplayRange(absl::GetFlag(FLAGS_replay));
  if (!range.ok()) return Fail(2, range.status());
  std::optional<RuleSet> against;
  if (!absl::GetFlag(FLAGS_against).empty()) {
    absl::StatusOr<RuleSet> other = ReadRules(absl::GetFlag(FLAGS_against));
    if (!other.ok()) return FailRules(other.status());
    against = *std::move(other);
  }
  const absl::Status status =
      Replay(client, *range, rules, against.has_value() ? &*against : nullptr,
             [](const std::string& line) { std::cout << line << "\n"; });
  return Finish(status.ok() ? 0 : Fail(1, status));
}

// What needs the gateway. `file`: what the rule file was before it was read.
int RunOnServer(RuleSet rules, const FileLook& file) {
  absl::StatusOr<ClientOptions> options = OptionsFromFlags(
      absl::GetFlag(FLAGS_server), absl::GetFlag(FLAGS_token_file),
      absl::GetFlag(FLAGS_tls_ca));
  if (!options.ok()) return Fail(2, options.status());
  const bool serves = absl::GetFlag(FLAGS_replay).empty();
  if (serves) {
    // Only Serve listens to them; before the client makes threads that would
    // take them.
    BlockStopSignals();
    BlockHangup();
  }
  absl::StatusOr<std::unique_ptr<ChatClient>> client =
      ChatClient::Connect(*std::move(options));
  if (!client.ok()) return Fail(2, client.status());
  if (!serves) return RunReplay(**client, rules);
  return Serve(**client, std::move(rules), file);
}

int Run(int argc, char** argv) {
  const absl::StatusOr<CommandLine> line = ParseFlags(argc, argv);
  if (!line.ok()) return Fail(2, line.status());
  if (absl::GetFlag(FLAGS_help)) {
    std::cout << kHelp;
    return 0;
  }
  if (!line->arguments.empty() || absl::GetFlag(FLAGS_rules).empty()) {
    std::cerr << kHelp;
    return 2;
  }
  const FileLook file = LookAtFile(absl::GetFlag(FLAGS_rules));
  absl::StatusOr<RuleSet> rules = ReadRules(absl::GetFlag(FLAGS_rules));
  if (!rules.ok()) return FailRules(rules.status());
  if (absl::GetFlag(FLAGS_check)) {
    const int count = rules->file().rules_size();
    std::cout << absl::GetFlag(FLAGS_rules) << ": " << count
              << (count == 1 ? " rule is" : " rules are") << " right, version "
              << rules->file().version() << "\n";
    return Finish(0);
  }
  if (!absl::GetFlag(FLAGS_explain).empty()) {
    std::cout << Explain(*rules, absl::GetFlag(FLAGS_explain), absl::Now());
    return Finish(0);
  }
  return RunOnServer(*std::move(rules), file);
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  // A closed pipe is an output that takes no more.
  signal(SIGPIPE, SIG_IGN);
  return chatgate::Run(argc, argv);
}
