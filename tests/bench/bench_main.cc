// chatgate_bench: Chatgate and its references in turn, on this machine. Exit
// code 1 where anything was lost, doubled or refused; the rows of other
// families are run all the same.
#include <sys/resource.h>

#include <cstdio>

#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "tests/bench/bench_options.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/comparison.h"

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
  chatgate::Comparison comparison(chatgate::ReadBenchOptions(
      argc, argv, "Chatgate against its references."));
  RaiseDescriptorLimit();
  comparison.PrintHead();
  int result = 0;
  for (auto* run :
       {chatgate::RunAppendBenchmarks, chatgate::RunUnaryBenchmarks,
        chatgate::RunCachedBenchmarks, chatgate::RunReplyBenchmarks,
        chatgate::RunIngestBenchmarks, chatgate::RunFanoutBenchmarks,
        chatgate::RunPacedBenchmarks, chatgate::RunLatencyBenchmarks,
        chatgate::RunReplayBenchmarks, chatgate::RunMemoryBenchmarks}) {
    const absl::Status status = run(comparison);
    if (status.ok()) continue;
    absl::FPrintF(stderr, "chatgate_bench: %s\n", status.ToString());
    result = 1;
  }
  return result;
}
