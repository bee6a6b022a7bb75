// memory/idle/N and memory/stalled/N: what a subscriber costs that has nothing
// to read, and one that does not read.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/process_usage.h"
#include "tests/bench/stream_load.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

// Memory for recent events is not what is measured, nor the store's for pages
// (32 MiB): the former is small here, and both are full before the first
// subscriber comes.
constexpr size_t kRingBytes = size_t{4} << 20;
constexpr uint64_t kFilling = 65'536;
constexpr uint64_t kStalledEvents = 4'096;
constexpr absl::Duration kSettling = absl::Milliseconds(500);

struct Side {
  std::unique_ptr<BenchServer> server;
  std::unique_ptr<StreamLoad> load;
  uint64_t produced = 0;

  // KiB since `before` for each of `subscribers`.
  double Growth(size_t before, int subscribers) const {
    const size_t now = ResidentBytes(server->pid());
    return now < before ? 0
                        : static_cast<double>(now - before) / 1024 /
                              static_cast<double>(subscribers);
  }

  // One reader sees to it that they are all there.
  absl::Status Produce(uint64_t events) {
    StreamLoad reader(server->grpc_address(), kCallerToken, 1);
    RETURN_IF_ERROR(reader.Open(v1::START_LATEST, produced));
    const uint64_t last = produced + events;
    while (produced < last) {
      produced = std::min(last, produced + 512);
      server->Allow(produced);
      RETURN_IF_ERROR(reader.ReadUpTo(produced));
    }
    return absl::OkStatus();
  }

  // KiB a subscriber.
  absl::StatusOr<double> OpenIdle(int subscribers) {
    RETURN_IF_ERROR(Produce(kFilling));
    const size_t before = ResidentBytes(server->pid());
    load = std::make_unique<StreamLoad>(server->grpc_address(), kCallerToken,
                                        subscribers);
    RETURN_IF_ERROR(load->Open(v1::START_LATEST, produced));
    RETURN_IF_ERROR(load->ReadFor(kSettling));
    return Growth(before, subscribers);
  }

  // More KiB a subscriber once all of them have stopped to read.
  absl::StatusOr<double> StopReading(int subscribers) {
    const size_t before = ResidentBytes(server->pid());
    load->Stall();
    RETURN_IF_ERROR(Produce(kStalledEvents));
    RETURN_IF_ERROR(load->ReadFor(kSettling));
    return Growth(before, subscribers);
  }
};

absl::Status RunMemory(int subscribers, Comparison& comparison) {
  const std::string idle = absl::StrCat("memory/idle/", subscribers);
  const std::string stalled = absl::StrCat("memory/stalled/", subscribers);
  if (!comparison.Wants(idle, subscribers) &&
      !comparison.Wants(stalled, subscribers)) {
    return absl::OkStatus();
  }
  std::vector<double> ours_idle;
  std::vector<double> theirs_idle;
  std::vector<double> ours_stalled;
  // Memory that was given back once is taken again without a trace: each round
  // has servers of its own.
  for (int round = 0; round < comparison.options().rounds; ++round) {
    Side ours;
    ASSIGN_OR_RETURN(ours.server, BenchServer::StartGateway("", kRingBytes));
    Side theirs;
    ASSIGN_OR_RETURN(theirs.server, BenchServer::StartReference(""));
    ASSIGN_OR_RETURN(ours_idle.emplace_back(), ours.OpenIdle(subscribers));
    ASSIGN_OR_RETURN(theirs_idle.emplace_back(), theirs.OpenIdle(subscribers));
    ASSIGN_OR_RETURN(const double more, ours.StopReading(subscribers));
    ours_stalled.push_back(ours_idle.back() + more);
  }
  comparison.Record(idle, "KiB each", "bare-grpc", ours_idle, theirs_idle);
  comparison.Record(stalled, "KiB each", "idle", ours_stalled, ours_idle);
  return absl::OkStatus();
}

}  // namespace

absl::Status RunMemoryBenchmarks(Comparison& comparison) {
  for (const int subscribers : {1'000, 10'000}) {
    RETURN_IF_ERROR(RunMemory(subscribers, comparison));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
