// fanout-paced/N@R: N subscribers at R events a second, which is what real
// chats look like: what a delivery costs the server.
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

// Ten events a second need some time to be enough of them.
constexpr absl::Duration kRoundMin = absl::Seconds(2);

struct Side {
  std::unique_ptr<BenchServer> server;
  std::unique_ptr<StreamLoad> load;
  uint64_t produced = 0;

  absl::Status Open(int subscribers) {
    load = std::make_unique<StreamLoad>(server->grpc_address(), kCallerToken,
                                        subscribers);
    return load->Open(v1::START_LATEST);
  }

  // Microseconds of the server's processor a delivery.
  absl::StatusOr<double> Run(absl::Duration time, double rate) {
    const absl::Duration before = CpuTime(server->pid());
    ASSIGN_OR_RETURN(
        const uint64_t delivered,
        load->RunPaced(
            std::max(time, kRoundMin), rate,
            [this](uint64_t seq) { server->Allow(seq); }, &produced));
    return absl::ToDoubleMicroseconds(CpuTime(server->pid()) - before) /
           static_cast<double>(delivered);
  }
};

absl::Status RunPaced(int subscribers, double rate, const std::string& name,
                      Comparison& comparison) {
  Side ours;
  ASSIGN_OR_RETURN(ours.server, BenchServer::StartGateway());
  Side theirs;
  ASSIGN_OR_RETURN(theirs.server, BenchServer::StartReference(""));
  RETURN_IF_ERROR(ours.Open(subscribers));
  RETURN_IF_ERROR(theirs.Open(subscribers));
  Contender us{"chatgate",
               [&](absl::Duration time) { return ours.Run(time, rate); }};
  Contender bare{"bare-grpc",
                 [&](absl::Duration time) { return theirs.Run(time, rate); }};
  us.figure_is_whole = bare.figure_is_whole = true;
  return comparison.Run(name, "us each", us, {bare});
}

}  // namespace

absl::Status RunPacedBenchmarks(Comparison& comparison) {
  for (const int subscribers : {100, 1000}) {
    for (const int rate : {100, 10}) {
      const std::string name =
          absl::StrCat("fanout-paced/", subscribers, "@", rate);
      if (!comparison.Wants(name, subscribers)) continue;
      RETURN_IF_ERROR(RunPaced(subscribers, rate, name, comparison));
    }
  }
  return absl::OkStatus();
}

}  // namespace chatgate
