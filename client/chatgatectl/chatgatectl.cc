// The command line of a Chatgate; docs/chatgatectl.md is its manual.
#include <signal.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/chat_client.h"
#include "client/chatgatectl/budget_command.h"
#include "client/chatgatectl/call_command.h"
#include "client/chatgatectl/command_flags.h"
#include "client/chatgatectl/completion_command.h"
#include "client/chatgatectl/exit_code.h"
#include "client/chatgatectl/fake_upstream_command.h"
#include "client/chatgatectl/ingest_command.h"
#include "client/chatgatectl/records_command.h"
#include "client/chatgatectl/tail_command.h"
#include "client/chatgatectl/terminal.h"
#include "client/chatgatectl/webhooks_command.h"
#include "client/flags.h"
#include "client/stop_signal.h"

using Texts = std::vector<std::string>;

ABSL_FLAG(bool, help, false, "");
ABSL_FLAG(std::string, server, "127.0.0.1:50051", "");
ABSL_FLAG(std::string, token_file, "", "");
ABSL_FLAG(std::string, tls_ca, "", "");
ABSL_FLAG(absl::Duration, deadline, absl::Seconds(10), "");
ABSL_FLAG(std::string, from, "latest", "");
ABSL_FLAG(bool, json, false, "");
ABSL_FLAG(std::string, output, "auto", "");
ABSL_FLAG(bool, raw, false, "");
ABSL_FLAG(bool, watch, false, "");
ABSL_FLAG(int64_t, count, 0, "");
ABSL_FLAG(Texts, kind, {}, "");
ABSL_FLAG(Texts, conversation, {}, "");
ABSL_FLAG(Texts, user_id, {}, "");
ABSL_FLAG(Texts, direction, {}, "");
ABSL_FLAG(Texts, part_type, {}, "");
ABSL_FLAG(Texts, app_id, {}, "");
ABSL_FLAG(std::string, http, "", "");
ABSL_FLAG(std::string, path, "/webhooks/dashly", "");
ABSL_FLAG(std::string, type, "", "");
ABSL_FLAG(std::string, listen, "127.0.0.1:0", "");
ABSL_FLAG(std::string, to, "127.0.0.1:8080", "");
ABSL_FLAG(std::string, faults, "", "");
ABSL_FLAG(int64_t, seed, 1, "");
ABSL_FLAG(int64_t, limit, 60, "");
ABSL_FLAG(std::string, limit_kind, "sliding", "");

namespace chatgate {
namespace {

constexpr char kHelp[] =
    R"(Calls, watches and feeds a Chatgate.

  chatgatectl [--server HOST:PORT] [--token_file FILE] COMMAND

Commands
  call METHOD [JSON|-]   calls an RPC; `-` reads the JSON from standard input
  tail                   writes events as they happen, one line each
  ingest FILE...         posts recorded webhooks; a file holds one body
  methods                lists the RPCs and the fields that they take
  webhooks list          the addresses that webhooks go to, and how they fare
  webhooks deliveries [TARGET]
                         what waits or was given up
  webhooks resend TARGET sends again what was given up
  budget                 how the request budget of an app stands, and who spent
                         what of it in the last 24 hours
  export                 writes what an app of the embedded platform holds, a
                         line of JSON each record
  import FILE|-          adds the records of an export; those that are there
                         already stay as they are

  fake-upstream          a Web API that breaks as it is told, before the REST
                         form of a gateway; for tests, on loopback alone
  completion bash|zsh    writes a completion script for that shell

call, tail
  --output WHO           human: tables, lines and colours; json: JSON lines;
                         auto (default): human on a terminal, json in a pipe
  --json                 the same as --output json

Every command but ingest, fake-upstream and completion
  --server HOST:PORT     the gateway; default 127.0.0.1:50051
  --token_file FILE      the caller's token; default: environment CHATGATE_TOKEN
  --tls_ca FILE          speak TLS and trust these roots (PEM); default: no TLS

call, webhooks, budget, export, import
  --deadline DURATION    how long a call may take, retries included; default 10s

export, import, budget, webhooks list
  --app_id ID            the app; needed where the caller may use several
                         (webhooks list: all of them without it)
  --watch                (budget) a line whenever it changes, until stopped

tail
  --from WHERE           latest (default), earliest, a time such as
                         2026-01-31T12:00:00Z, or a cursor
  --count N              end after N events
  --raw                  also the stored bodies (in JSON)
  --kind, --conversation, --user_id, --direction, --part_type, --app_id
                         only these; several are separated by commas, or the
                         flag is given again, such as
                         --kind dashly_conversation --direction u2a

ingest
  --http HOST:PORT       the gateway's HTTP listener; required
  --path PATH            where to post; default /webhooks/dashly
  --type TYPE            content type; default: by the file's ending, .json or
                         .form, and form for others

fake-upstream
  --listen HOST:PORT     where; default 127.0.0.1:0, a free port
  --to HOST:PORT         the gateway's HTTP listener; default 127.0.0.1:8080
  --faults LIST          NAME=PERCENT[:DURATION], separated by commas: delay,
                         drop_before and drop_after (the effect), too_many,
                         error_500, html, half_body, wrong_json, drip
  --seed N               draws the faults; default 1
  --limit N              requests a minute, then 429; default 60, 0 for none
  --limit_kind KIND      fixed, sliding (default) or bucket

Ends with 0 when all went well, 1 when something was refused, 2 when the command
line is wrong, 3 when the token is missing, wrong or not allowed to, 4 when the
gateway cannot be reached or is too slow.

Examples
  chatgatectl call GetConversation '{"conversation_id": 1}'
  chatgatectl tail --from earliest --json --kind dashly_conversation
  chatgatectl ingest hook.form --http 127.0.0.1:8080
)";

Texts Commands() {
  return {"call",          "tail",       "ingest", "methods",
          "webhooks",      "budget",     "export", "import",
          "fake-upstream", "completion", "help"};
}

// Of this file, not those of libraries.
Texts FlagNames() {
  Texts names;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (absl::EndsWith(flag->Filename(), "chatgatectl.cc")) {
      names.emplace_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

TailOptions TailFlags(Reader reader) {
  TailOptions options;
  options.from = absl::GetFlag(FLAGS_from);
  options.json = reader == Reader::kProgram;
  options.raw = absl::GetFlag(FLAGS_raw);
  options.count = absl::GetFlag(FLAGS_count);
  options.kinds = absl::GetFlag(FLAGS_kind);
  options.conversations = absl::GetFlag(FLAGS_conversation);
  options.user_ids = absl::GetFlag(FLAGS_user_id);
  options.directions = absl::GetFlag(FLAGS_direction);
  options.part_types = absl::GetFlag(FLAGS_part_type);
  options.app_ids = absl::GetFlag(FLAGS_app_id);
  return options;
}

// The commands that speak gRPC.
ExitCode RunOnServer(const std::string& command, const Texts& arguments) {
  absl::StatusOr<ClientOptions> options = OptionsFromFlags(
      absl::GetFlag(FLAGS_server), absl::GetFlag(FLAGS_token_file),
      absl::GetFlag(FLAGS_tls_ca));
  if (!options.ok()) return FailUsage(options.status());
  // Before the client makes threads that would take the signals.
  if (command == "tail") BlockStopSignals();
  absl::StatusOr<std::unique_ptr<ChatClient>> client =
      ChatClient::Connect(*std::move(options));
  if (!client.ok()) return FailUsage(client.status());
  CallOptions call;
  call.deadline = absl::GetFlag(FLAGS_deadline);
  const absl::StatusOr<Reader> reader = ReaderOf(
      absl::GetFlag(FLAGS_json) ? "json" : absl::GetFlag(FLAGS_output));
  if (!reader.ok()) return FailUsage(reader.status());
  if (command == "call") return RunCall(**client, arguments, call, *reader);
  if (command == "budget") {
    return RunBudget(**client, arguments,
                     {absl::GetFlag(FLAGS_app_id), absl::GetFlag(FLAGS_watch)},
                     call, *reader);
  }
  if (command == "webhooks") {
    return RunWebhooks(**client, arguments, absl::GetFlag(FLAGS_app_id), call);
  }
  if (command == "import") {
    return RunImport(**client, arguments, absl::GetFlag(FLAGS_app_id), call);
  }
  if (command == "export" && arguments.empty()) {
    return RunExport(**client, absl::GetFlag(FLAGS_app_id), call);
  }
  if (command == "export") {
    return FailUsage(absl::InvalidArgumentError(
        "export takes flags alone, and writes to standard output"));
  }
  if (!arguments.empty()) {
    return FailUsage(absl::InvalidArgumentError(
        "tail takes flags alone; filters are --kind, --conversation, ..."));
  }
  return RunTail(**client, TailFlags(*reader));
}

ExitCode Run(int argc, char** argv) {
  absl::StatusOr<CommandLine> line = ParseFlags(argc, argv);
  if (!line.ok()) return FailUsage(line.status());
  Texts& arguments = line->arguments;
  if (absl::GetFlag(FLAGS_help)) {
    std::cout << kHelp;
    return kExitOk;
  }
  if (arguments.empty()) {
    std::cerr << kHelp;
    return kExitUsage;
  }
  const std::string command = arguments.front();
  arguments.erase(arguments.begin());
  if (command == "help") {
    std::cout << kHelp;
    return kExitOk;
  }
  const Texts commands = Commands();
  if (std::find(commands.begin(), commands.end(), command) == commands.end()) {
    return FailUsage(absl::InvalidArgumentError(
        absl::StrCat("there is no command ", command, "; there are ",
                     absl::StrJoin(commands, ", "), " (--help says more)")));
  }
  const absl::Status flags = CheckFlags(command, line->flags);
  if (!flags.ok()) return FailUsage(flags);
  if (command == "methods") return RunMethods();
  if (command == "completion") {
    return RunCompletion(arguments, commands, FlagNames());
  }
  if (command == "ingest") {
    return RunIngest(arguments,
                     {absl::GetFlag(FLAGS_http), absl::GetFlag(FLAGS_path),
                      absl::GetFlag(FLAGS_type)});
  }
  if (command == "fake-upstream") {
    if (!arguments.empty()) {
      return FailUsage(
          absl::InvalidArgumentError("fake-upstream takes flags alone"));
    }
    return RunFakeUpstream(
        {absl::GetFlag(FLAGS_listen), absl::GetFlag(FLAGS_to),
         absl::GetFlag(FLAGS_faults), absl::GetFlag(FLAGS_seed),
         absl::GetFlag(FLAGS_limit), absl::GetFlag(FLAGS_limit_kind)});
  }
  return RunOnServer(command, arguments);
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  // A closed pipe is an output that takes no more.
  signal(SIGPIPE, SIG_IGN);
  return chatgate::Finish(chatgate::Run(argc, argv));
}
