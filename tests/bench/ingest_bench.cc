// ingest/N: webhooks over N connections, each answered once its event is on
// stable storage.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/http_load.h"
#include "tests/bench/log_check.h"
#include "tests/bench/peer_load.h"
#include "tests/bench/peer_server.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

// What a team would write instead, where its parts are installed.
class NodePeer {
 public:
  absl::Status Start(const std::string& row, int connections,
                     Comparison& comparison,
                     std::vector<Contender>* references) {
    auto redis = PeerServer::StartRedis();
    if (!redis.ok()) return Skip(row, redis.status(), comparison);
    redis_ = *std::move(redis);
    auto node = PeerServer::StartNodeReceiver(*redis_, kWebhookToken);
    if (!node.ok()) return Skip(row, node.status(), comparison);
    node_ = *std::move(node);
    ASSIGN_OR_RETURN(load_, HttpLoad::Connect(node_->address(), connections));
    Contender contender{
        kName, [this](absl::Duration time) { return load_->Run(time); },
        node_->pid()};
    contender.behind = redis_->pid();
    references->push_back(std::move(contender));
    return absl::OkStatus();
  }

  // Every answered webhook is in the stream, and nothing else is.
  absl::Status Check() const {
    if (load_ == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(const uint64_t length, RedisStreamLength(redis_->port()));
    if (length == load_->answered()) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat(kName, " answered ", load_->answered(),
                     " webhooks, the stream has ", length));
  }

 private:
  static constexpr char kName[] = "node-redis";

  static absl::Status Skip(const std::string& row, const absl::Status& why,
                           Comparison& comparison) {
    if (why.code() != absl::StatusCode::kNotFound) return why;
    comparison.Skip(row, kName, why.message());
    return absl::OkStatus();
  }

  std::unique_ptr<PeerServer> redis_;
  std::unique_ptr<PeerServer> node_;
  std::unique_ptr<HttpLoad> load_;
};

struct Receiver {
  std::string http_address;
  std::string grpc_address;
  pid_t pid;
};

absl::Status RunIngest(int connections, const std::string& name,
                       const Receiver& receiver, NodePeer* peer,
                       Comparison& comparison) {
  ASSIGN_OR_RETURN(const std::unique_ptr<BenchServer> reference,
                   BenchServer::StartReference(""));
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpLoad> theirs,
                   HttpLoad::Connect(reference->http_address(), connections));
  std::vector<Contender> references = {
      {"bare-httplib", [&](absl::Duration time) { return theirs->Run(time); },
       reference->pid()}};
  if (peer != nullptr) {
    RETURN_IF_ERROR(peer->Start(name, connections, comparison, &references));
  }
  // Last: a gateway hangs up on who connects and says nothing for ten seconds.
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpLoad> ours,
                   HttpLoad::Connect(receiver.http_address, connections));
  RETURN_IF_ERROR(comparison.Run(
      name, "posts/s",
      {"chatgate", [&](absl::Duration time) { return ours->Run(time); },
       receiver.pid},
      references));
  if (peer != nullptr) RETURN_IF_ERROR(peer->Check());
  return CheckLog(receiver.grpc_address, ours->answered());
}

absl::Status RunPlain(int connections, Comparison& comparison) {
  const std::string name = absl::StrCat("ingest/", connections);
  if (!comparison.Wants(name, connections)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::unique_ptr<BenchServer> server,
                   BenchServer::StartGateway());
  NodePeer peer;
  return RunIngest(
      connections, name,
      {server->http_address(), server->grpc_address(), server->pid()}, &peer,
      comparison);
}

absl::Status RunAdopting(int connections, Comparison& comparison) {
  const std::string name = absl::StrCat("ingest-adopting/", connections);
  if (!comparison.Wants(name, connections)) return absl::OkStatus();
  Gateway gateway;
  RETURN_IF_ERROR(gateway.Start());
  return RunIngest(
      connections, name,
      {gateway.http_address(), gateway.grpc_address(), gateway.process().pid()},
      nullptr, comparison);
}

}  // namespace

absl::Status RunIngestBenchmarks(Comparison& comparison) {
  for (const int connections : {1, 16, 64, 256}) {
    RETURN_IF_ERROR(RunPlain(connections, comparison));
  }
  for (const int connections : {1, 16, 64, 256}) {
    RETURN_IF_ERROR(RunAdopting(connections, comparison));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
