// faulty_gateway: the gateway with one of LogFaults between the log and all who
// read it or append to it. Ends when it is killed.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "server/base/status_macros.h"
#include "server/config/config.h"
#include "server/gateway.h"
#include "tests/robustness/faulty_log.h"

ABSL_FLAG(std::string, fault, "", "Name of the fault.");
ABSL_FLAG(std::string, config, "", "As the gateway's.");
ABSL_FLAG(std::string, grpc_listen, "", "As the gateway's.");
ABSL_FLAG(std::string, http_listen, "", "As the gateway's.");
ABSL_FLAG(std::string, data_dir, "", "As the gateway's.");

namespace chatgate {
namespace {

absl::Status Run() {
  ConfigOverrides overrides;
  overrides.grpc_listen = absl::GetFlag(FLAGS_grpc_listen);
  overrides.http_listen = absl::GetFlag(FLAGS_http_listen);
  overrides.data_dir = absl::GetFlag(FLAGS_data_dir);
  ASSIGN_OR_RETURN(v1::Config config,
                   LoadConfig(absl::GetFlag(FLAGS_config), overrides));
  absl::Status made;
  const auto layer = [&made](EventLog& log) -> std::unique_ptr<EventLog> {
    auto faulty = robustness::MakeFaultyLog(absl::GetFlag(FLAGS_fault), log);
    made = faulty.status();
    return faulty.ok() ? *std::move(faulty) : nullptr;
  };
  ASSIGN_OR_RETURN(const std::unique_ptr<Gateway> gateway,
                   Gateway::Open(std::move(config), false, layer));
  RETURN_IF_ERROR(made);
  absl::PrintF("%s\n", gateway->ReadyLine());
  std::fflush(stdout);
  while (true) pause();
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  absl::ParseCommandLine(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  const absl::Status status = chatgate::Run();
  absl::FPrintF(stderr, "faulty_gateway: %s\n", status.ToString());
  return 1;
}
