#ifndef CHATGATE_TESTS_BENCH_PEER_FANOUT_H_
#define CHATGATE_TESTS_BENCH_PEER_FANOUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/peer_stream.h"

namespace chatgate {

// PeerFanout is N subscribers of a broker and one producer, all from one
// thread, each on a connection of its own. The producer is never more than a
// window ahead of the slowest subscriber, as in StreamLoad.
class PeerFanout {
 public:
  static absl::StatusOr<std::unique_ptr<PeerFanout>> Connect(
      int port, int subscribers, std::unique_ptr<PeerStream> stream);
  ~PeerFanout();

  // Events delivered a second, all subscribers together.
  absl::StatusOr<double> Run(absl::Duration time);

  // The same with `rate` events a second, whatever becomes of them. How many
  // were delivered.
  absl::StatusOr<uint64_t> RunPaced(absl::Duration time, double rate);

  // Waits until everyone has had the event `seq`, which is there already.
  absl::Status ReadUpTo(uint64_t seq);

 private:
  struct Connection {
    int socket = -1;
    bool subscriber = false;
    std::string bytes;  // What has come and is no whole message yet.
    uint64_t last = 0;
    std::string to_send;
  };

  explicit PeerFanout(std::unique_ptr<PeerStream> stream)
      : stream_(std::move(stream)) {}
  absl::Status Flush(Connection& connection);
  absl::Status Receive(Connection& connection);
  // Takes what comes within `patience`; false when nothing did.
  absl::StatusOr<bool> Await(absl::Duration patience);
  absl::Status Silent() const;
  uint64_t Slowest() const;

  const std::unique_ptr<PeerStream> stream_;
  std::vector<Connection> connections_;  // The first is the producer's.
  int epoll_ = -1;
  uint64_t produced_ = 0;
  uint64_t delivered_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_PEER_FANOUT_H_
