#ifndef CHATGATE_TESTS_BENCH_BENCH_SERVER_H_
#define CHATGATE_TESTS_BENCH_BENCH_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/control_pipe.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

// A server that a bench has started, with its pipe. Killed at the end of the
// scope.
class BenchServer {
 public:
  // bench_reference; `reply` is what its unary methods answer.
  // `log_schema`: the SQL of a log that events go through before they are sent,
  // and replies before they are answered; empty: none.
  static absl::StatusOr<std::unique_ptr<BenchServer>> StartReference(
      const std::string& reply, const std::string& log_schema = "");
  // bench_gateway: a real log and real streams, with a producer beside them.
  // `data_dir`: of a log that is there already; empty: one of its own.
  // `ring_bytes`: memory for recent events; 0: what the gateway has.
  static absl::StatusOr<std::unique_ptr<BenchServer>> StartGateway(
      const std::string& data_dir = "", size_t ring_bytes = 0);

  const std::string& grpc_address() const { return grpc_address_; }
  const std::string& http_address() const { return http_address_; }
  pid_t pid() const { return process_->pid(); }

  // Events up to `seq` may be produced.
  void Allow(uint64_t seq) { pipe_->Allow(seq); }

 private:
  BenchServer() = default;
  absl::Status Start(std::vector<std::string> arguments);

  const TempDir directory_;
  std::unique_ptr<ControlPipe> pipe_;
  std::unique_ptr<ChildProcess> process_;
  std::string grpc_address_;
  std::string http_address_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_BENCH_SERVER_H_
