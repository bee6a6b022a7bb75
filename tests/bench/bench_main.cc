// chatgate_bench: Chatgate and its references in turn, on this machine. Exit
// code 1 where anything was lost, doubled or refused; the rows of other
// families are run all the same.
#include <sys/resource.h>

#include <cstdio>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/comparison.h"

ABSL_FLAG(bool, json, false, "One JSON object a line instead of a table.");
ABSL_FLAG(std::string, only, "", "Run the rows whose name begins so.");
ABSL_FLAG(int, rounds, 5, "Rounds of each pair, after one of warming up.");
ABSL_FLAG(uint64_t, log_events, 1'000'000,
          "Events of the log that start and catchup read.");
ABSL_FLAG(int, size_max, 1'000'000,
          "Leave out rows of more connections, subscribers or the like.");
ABSL_FLAG(absl::Duration, round, absl::Milliseconds(600),
          "How long each side runs in a round.");

namespace {

// A thousand subscribers of a broker are a thousand connections. The programs
// that are started inherit the limit.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  // As the gateway does.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  absl::SetProgramUsageMessage("Chatgate against its references.");
  absl::ParseCommandLine(argc, argv);
  chatgate::BenchOptions options;
  options.json = absl::GetFlag(FLAGS_json);
  options.only = absl::GetFlag(FLAGS_only);
  options.rounds = absl::GetFlag(FLAGS_rounds);
  options.round = absl::GetFlag(FLAGS_round);
  options.size_max = absl::GetFlag(FLAGS_size_max);
  options.log_events = absl::GetFlag(FLAGS_log_events);
  if (options.rounds < 1 || options.round <= absl::ZeroDuration()) {
    absl::FPrintF(stderr, "--rounds and --round must be positive\n");
    return 2;
  }
  chatgate::Comparison comparison(options);
  RaiseDescriptorLimit();
  comparison.PrintHead();
  int result = 0;
  for (auto* run :
       {chatgate::RunAppendBenchmarks, chatgate::RunUnaryBenchmarks,
        chatgate::RunReplyBenchmarks, chatgate::RunIngestBenchmarks, chatgate::RunFanoutBenchmarks,
        chatgate::RunPacedBenchmarks, chatgate::RunLatencyBenchmarks,
        chatgate::RunReplayBenchmarks, chatgate::RunMemoryBenchmarks}) {
    const absl::Status status = run(comparison);
    if (status.ok()) continue;
    absl::FPrintF(stderr, "chatgate_bench: %s\n", status.ToString());
    result = 1;
  }
  return result;
}
