#ifndef CHATGATE_TESTS_BENCH_PEER_SERVER_H_
#define CHATGATE_TESTS_BENCH_PEER_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

// Another broker or receiver, started on a free loopback port with a folder of
// its own, and killed at the end of the scope.
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
  // before it answers, which it then does; null: it need not.
  static absl::StatusOr<std::unique_ptr<PeerServer>> StartJetStream(
      bool* synced);

  // A receiver of webhooks on Node.js, node_receiver.mjs, that appends to the
  // stream `ev` of this Redis and takes webhooks that carry `token`.
  static absl::StatusOr<std::unique_ptr<PeerServer>> StartNodeReceiver(
      const PeerServer& redis, const std::string& token);

  int port() const { return port_; }
  std::string address() const;
  pid_t pid() const { return process_->pid(); }

 private:
  PeerServer() = default;
  // Starts the program and waits until its port can be reached.
  absl::Status Start(const std::vector<std::string>& arguments);

  const TempDir directory_;
  std::unique_ptr<ChildProcess> process_;
  int port_ = 0;
};

// A connection to a port of this machine, without delay of small packets.
absl::StatusOr<int> ConnectTo(int port);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_PEER_SERVER_H_
