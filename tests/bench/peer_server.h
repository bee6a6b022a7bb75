#ifndef CHATGATE_TESTS_BENCH_PEER_SERVER_H_
#define CHATGATE_TESTS_BENCH_PEER_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

// Another broker, started on a free loopback port with a folder of its own, and
// killed at the end of the scope.
//
// Errors: NOT_FOUND where the program is not installed; scripts/deps --bench
//         gets it.
class PeerServer {
 public:
  // Redis with a log that is synced before each answer.
  static absl::StatusOr<std::unique_ptr<PeerServer>> StartRedis();
  // NATS core alone.
  static absl::StatusOr<std::unique_ptr<PeerServer>> StartNats();
  // NATS with JetStream on files. `synced` tells whether this version can sync
  // before it answers, which it then does.
  static absl::StatusOr<std::unique_ptr<PeerServer>> StartJetStream(
      bool* synced);

  int port() const { return port_; }
  pid_t pid() const { return process_->pid(); }

 private:
  PeerServer() = default;
  absl::Status Start(const std::vector<std::string>& arguments);

  const TempDir directory_;
  std::unique_ptr<ChildProcess> process_;
  int port_ = 0;
};

// A connection to a port of this machine, without delay of small packets.
absl::StatusOr<int> ConnectTo(int port);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_PEER_SERVER_H_
