// fanout-paced/N@R: N subscribers at R events a second, which is what real
// chats look like: what a delivery costs the server.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status_macros.h"
#include "server/event_log/event_tables.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/peer_fanout.h"
#include "tests/bench/peer_server.h"
#include "tests/bench/process_usage.h"
#include "tests/bench/sample_event.h"
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

// NATS core, where it is installed.
class NatsSide {
 public:
  absl::Status Open(const std::string& row, int subscribers,
                    Comparison& comparison) {
    auto server = PeerServer::StartNats();
    if (!server.ok()) {
      comparison.Skip(row, "nats-core", server.status().message());
      return absl::OkStatus();
    }
    server_ = *std::move(server);
    ASSIGN_OR_RETURN(load_,
                     PeerFanout::Connect(server_->port(), subscribers,
                                         NatsSubject(SampleEventWithoutSeq())));
    return absl::OkStatus();
  }

  bool open() const { return load_ != nullptr; }

  absl::StatusOr<double> Run(absl::Duration time, double rate) {
    const absl::Duration before = CpuTime(server_->pid());
    ASSIGN_OR_RETURN(const uint64_t delivered,
                     load_->RunPaced(std::max(time, kRoundMin), rate));
    return absl::ToDoubleMicroseconds(CpuTime(server_->pid()) - before) /
           static_cast<double>(delivered);
  }

 private:
  std::unique_ptr<PeerServer> server_;
  std::unique_ptr<PeerFanout> load_;
};

absl::Status RunPaced(int subscribers, double rate, const std::string& name,
                      Comparison& comparison) {
  Side ours;
  ASSIGN_OR_RETURN(ours.server, BenchServer::StartGateway());
  Side theirs;
  ASSIGN_OR_RETURN(theirs.server, BenchServer::StartReference(""));
  Side logged;
  ASSIGN_OR_RETURN(logged.server,
                   BenchServer::StartReference(
                       "", absl::StrJoin(EventLogSchema().steps, ";")));
  for (Side* side : {&ours, &theirs, &logged}) {
    RETURN_IF_ERROR(side->Open(subscribers));
  }
  Contender us{"chatgate",
               [&](absl::Duration time) { return ours.Run(time, rate); }};
  Contender bare{"bare-grpc",
                 [&](absl::Duration time) { return theirs.Run(time, rate); }};
  Contender bare_log{"bare-grpc-log", [&](absl::Duration time) {
                       return logged.Run(time, rate);
                     }};
  us.figure_is_whole = bare.figure_is_whole = bare_log.figure_is_whole = true;
  std::vector<Contender> references = {bare, bare_log};
  NatsSide nats;
  RETURN_IF_ERROR(nats.Open(name, subscribers, comparison));
  if (nats.open()) {
    references.push_back({"nats-core", [&](absl::Duration time) {
                            return nats.Run(time, rate);
                          }});
    references.back().figure_is_whole = true;
  }
  return comparison.Run(name, "us each", us, references);
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
