// ingest/N: webhooks over N connections, each answered once its event is on
// stable storage.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/http_load.h"
#include "tests/bench/stream_load.h"
#include "tests/integration/gateway.h"

namespace chatgate {
namespace {

// Every answered event is in the log, once, and nothing else is.
absl::Status CheckLog(const std::string& grpc_address, uint64_t answered) {
  StreamLoad reader(grpc_address, kCallerToken, 1);
  RETURN_IF_ERROR(reader.Open(v1::START_EARLIEST));
  RETURN_IF_ERROR(reader.ReadUpTo(answered));
  if (reader.Slowest() == answered) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      answered, " webhooks were answered, the log has ", reader.Slowest()));
}

absl::Status RunIngest(int connections, const std::string& name,
                       const std::string& http_address,
                       const std::string& grpc_address, pid_t pid,
                       Comparison& comparison) {
  ASSIGN_OR_RETURN(const std::unique_ptr<BenchServer> reference,
                   BenchServer::StartReference(""));
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpLoad> ours,
                   HttpLoad::Connect(http_address, connections));
  ASSIGN_OR_RETURN(const std::unique_ptr<HttpLoad> theirs,
                   HttpLoad::Connect(reference->http_address(), connections));
  RETURN_IF_ERROR(comparison.Run(
      name, "posts/s",
      {"chatgate", [&](absl::Duration time) { return ours->Run(time); }, pid},
      {{"bare-httplib", [&](absl::Duration time) { return theirs->Run(time); },
        reference->pid()}}));
  return CheckLog(grpc_address, ours->answered());
}

absl::Status RunPlain(int connections, Comparison& comparison) {
  const std::string name = absl::StrCat("ingest/", connections);
  if (!comparison.Wants(name, connections)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::unique_ptr<BenchServer> server,
                   BenchServer::StartGateway());
  return RunIngest(connections, name, server->http_address(),
                   server->grpc_address(), server->pid(), comparison);
}

absl::Status RunAdopting(int connections, Comparison& comparison) {
  const std::string name = absl::StrCat("ingest-adopting/", connections);
  if (!comparison.Wants(name, connections)) return absl::OkStatus();
  Gateway gateway;
  RETURN_IF_ERROR(gateway.Start());
  return RunIngest(connections, name, gateway.http_address(),
                   gateway.grpc_address(), gateway.process().pid(), comparison);
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
