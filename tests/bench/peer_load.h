#ifndef CHATGATE_TESTS_BENCH_PEER_LOAD_H_
#define CHATGATE_TESTS_BENCH_PEER_LOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/bench/socket_loop.h"

namespace chatgate {

// How a broker is told of an event, and how it answers.
struct PeerProtocol {
  // Sent once on each connection, which has this number.
  std::function<std::string(int connection)> greeting;
  std::function<std::string(int connection, uint64_t id)> request;
  // Takes one reply off the front of `bytes` and gives the name of its event's
  // place, which no other event has; empty while there is no whole reply.
  std::function<absl::StatusOr<std::string>(absl::string_view* bytes)> take;
};

PeerProtocol RedisAppends(const std::string& event);
PeerProtocol JetStreamAppends(const std::string& event);

// How many events the stream has that RedisAppends and node_receiver.mjs fill.
absl::StatusOr<uint64_t> RedisStreamLength(int port);

// Makes the stream that JetStreamAppends fills.
absl::Status CreateJetStream(int port);

// Appends so many events to it, on a connection that waits for none of the
// acknowledgements before the next event, but for all of them in the end.
absl::Status FillJetStream(int port, const std::string& event, uint64_t events);

// PeerLoad is N producers, each on a connection of its own, each waiting for
// the answer to its event before the next. One thread plays them all.
//
// It is also the check: no two events are given the same place.
class PeerLoad {
 public:
  static absl::StatusOr<std::unique_ptr<PeerLoad>> Connect(
      int port, int connections, PeerProtocol protocol);
  ~PeerLoad();

  // Events a second.
  absl::StatusOr<double> Run(absl::Duration time);

 private:
  struct Connection {
    int socket = -1;
    std::string bytes;  // What has come and is no whole reply yet.
  };

  explicit PeerLoad(PeerProtocol protocol) : protocol_(std::move(protocol)) {}
  absl::Status Send(Connection& connection);
  // True when the reply is whole.
  absl::StatusOr<bool> Receive(Connection& connection);

  const PeerProtocol protocol_;
  std::vector<Connection> connections_;
  SocketLoop loop_;
  uint64_t next_id_ = 1;
  uint64_t answered_ = 0;
  std::unordered_set<std::string> places_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_PEER_LOAD_H_
