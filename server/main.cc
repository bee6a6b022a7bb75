// chatgate: the gateway. Reads the command line and the configuration, opens
// the gateway, says on standard output where it listens, and ends on SIGTERM,
// SIGINT or SIGHUP.
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "server/base/log.h"
#include "server/command_line.h"
#include "server/config/config.h"
#include "server/gateway.h"
#include "server/process.h"

ABSL_FLAG(std::string, config, "",
          "Configuration file (text proto of chatgate.v1.Config). Without it "
          "the gateway runs a demo workspace on loopback.");
ABSL_FLAG(std::string, grpc_listen, "", "HOST:PORT for gRPC.");
ABSL_FLAG(std::string, http_listen, "", "HOST:PORT for webhooks.");
ABSL_FLAG(std::string, data_dir, "", "Folder that keeps everything.");
ABSL_FLAG(std::string, log_level, "info", "debug, info, warning or error.");

namespace chatgate {
namespace {

std::atomic<bool> listener_failed = false;

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
bool SetLogLevelFromFlag() {
  const std::map<std::string, LogLevel> levels = {
      {"debug", LogLevel::kDebug},
      {"info", LogLevel::kInfo},
      {"warning", LogLevel::kWarning},
      {"error", LogLevel::kError}};
  const auto level = levels.find(absl::GetFlag(FLAGS_log_level));
  if (level == levels.end()) return false;
  SetLogLevel(level->second);
  return true;
}

int Fail(int code, absl::string_view why) {
  absl::FPrintF(stderr, "chatgate: %s\n", why);
  return code;
}

int Run(const sigset_t& endings) {
  ConfigOverrides overrides;
  overrides.grpc_listen = absl::GetFlag(FLAGS_grpc_listen);
  overrides.http_listen = absl::GetFlag(FLAGS_http_listen);
  overrides.data_dir = absl::GetFlag(FLAGS_data_dir);
  const std::string file = absl::GetFlag(FLAGS_config);
  const bool demo = file.empty();
  absl::StatusOr<v1::Config> config =
      demo ? DemoConfig(overrides) : LoadConfig(file, overrides);
  if (!config.ok()) return Fail(kExitFailed, config.status().message());
  WipeEnvironment(&*config);
  absl::StatusOr<std::unique_ptr<Gateway>> gateway =
      Gateway::Open(*std::move(config), demo);
  if (!gateway.ok()) {
    // What only the rooms can check is still the file's fault.
    const bool of_file = !demo && absl::IsInvalidArgument(gateway.status());
    return Fail(kExitFailed, absl::StrCat(of_file ? file + ": " : "",
                                          gateway.status().message()));
  }
  absl::PrintF("%s\n", (*gateway)->ReadyLine());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&endings, &signal);
  LogInfo("stopping", {{"signal", signal}});
  (*gateway)->Stop();
  return listener_failed ? kExitFailed : 0;
}

// gRPC's own words would break the one line that an error takes. A listener of
// its that fails to accept once, for want of files, never accepts again, and
// says so nowhere else: only a start mends it.
void TakeGrpcsLog(gpr_log_func_args* line) {
  LogDebug(line->message, {{"from", "grpc"}});
  if (!absl::StartsWith(line->message, "Failed accept")) return;
  if (listener_failed.exchange(true)) return;
  LogError("gRPC accepts no connections any more; ending, to be started again",
           {{"why", line->message}});
  kill(getpid(), SIGTERM);
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  // Debian's Abseil has it on inside gRPC, at the cost of every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  constexpr char kAbout[] =
      "chatgate: the gateway between services and chat platforms. Runs until "
      "SIGTERM.\n\n  chatgate --config=FILE";
  absl::SetProgramUsageMessage(kAbout);
  const std::string help = chatgate::HelpIfAsked(
      argc, argv, kAbout,
      {"config", "grpc_listen", "http_listen", "data_dir", "log_level"});
  if (!help.empty()) {
    std::fputs(help.c_str(), stdout);
    return 0;
  }
  const std::string usage_error = chatgate::CommandLineError(argc, argv);
  if (!usage_error.empty()) {
    return chatgate::Fail(chatgate::kExitUsage, usage_error);
  }
  absl::ParseCommandLine(argc, argv);
  if (!chatgate::SetLogLevelFromFlag()) {
    return chatgate::Fail(chatgate::kExitUsage,
                          "--log_level: debug, info, warning or error");
  }
  gpr_set_log_function(chatgate::TakeGrpcsLog);
  // A text that is not UTF-8: the caller is told, and protobuf's own lines
  // would break the log's form.
  google::protobuf::SetLogHandler(nullptr);
  // Chats and tokens are nobody else's.
  umask(077);
  // Before the first thread, so that none of them gets these.
  sigset_t endings;
  sigemptyset(&endings);
  sigaddset(&endings, SIGTERM);
  sigaddset(&endings, SIGINT);
  sigaddset(&endings, SIGHUP);  // A terminal that is gone.
  pthread_sigmask(SIG_BLOCK, &endings, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // A file that may not grow is a full disk.
  chatgate::PrepareProcess();
  return chatgate::Run(endings);
}
