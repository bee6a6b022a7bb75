// fanout/N: live events to N subscribers, the producer never idle.
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
#include "tests/bench/sample_event.h"
#include "tests/bench/stream_load.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

// One side of the pair.
struct Side {
  std::unique_ptr<BenchServer> server;
  std::unique_ptr<StreamLoad> load;
  uint64_t produced = 0;

  absl::Status Open(int subscribers) {
    load = std::make_unique<StreamLoad>(server->grpc_address(), kCallerToken,
                                        subscribers);
    return load->Open(v1::START_LATEST);
  }

  absl::StatusOr<double> Run(absl::Duration time) {
    return load->Run(
        time, [this](uint64_t seq) { server->Allow(seq); }, &produced);
  }
};

// The brokers that are installed.
class Peers {
 public:
  absl::Status Start(const std::string& row, int subscribers,
                     Comparison& comparison,
                     std::vector<Contender>* references) {
    const std::string event = SampleEventWithoutSeq();
    RETURN_IF_ERROR(Add(row, "redis-streams", PeerServer::StartRedis(),
                        RedisStream(event), subscribers, comparison,
                        references));
    return Add(row, "nats-core", PeerServer::StartNats(), NatsSubject(event),
               subscribers, comparison, references);
  }

 private:
  absl::Status Add(const std::string& row, const std::string& name,
                   absl::StatusOr<std::unique_ptr<PeerServer>> server,
                   std::unique_ptr<PeerStream> stream, int subscribers,
                   Comparison& comparison, std::vector<Contender>* references) {
    if (!server.ok()) {
      comparison.Skip(row, name, server.status().message());
      return absl::OkStatus();
    }
    servers_.push_back(*std::move(server));
    const PeerServer& started = *servers_.back();
    ASSIGN_OR_RETURN(
        loads_.emplace_back(),
        PeerFanout::Connect(started.port(), subscribers, std::move(stream)));
    references->push_back({name,
                           [load = loads_.back().get()](absl::Duration time) {
                             return load->Run(time);
                           },
                           started.pid()});
    return absl::OkStatus();
  }

  std::vector<std::unique_ptr<PeerServer>> servers_;
  std::vector<std::unique_ptr<PeerFanout>> loads_;
};

absl::Status RunFanout(int subscribers, const std::string& name,
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
  std::vector<Contender> references = {
      {"bare-grpc", [&](absl::Duration time) { return theirs.Run(time); },
       theirs.server->pid()},
      {"bare-grpc-log", [&](absl::Duration time) { return logged.Run(time); },
       logged.server->pid()}};
  Peers peers;
  RETURN_IF_ERROR(peers.Start(name, subscribers, comparison, &references));
  return comparison.Run(
      name, "events/s",
      {"chatgate", [&](absl::Duration time) { return ours.Run(time); },
       ours.server->pid()},
      references);
}

}  // namespace

absl::Status RunFanoutBenchmarks(Comparison& comparison) {
  for (const int subscribers : {1, 10, 100, 1000}) {
    const std::string name = absl::StrCat("fanout/", subscribers);
    if (!comparison.Wants(name, subscribers)) continue;
    RETURN_IF_ERROR(RunFanout(subscribers, name, comparison));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
