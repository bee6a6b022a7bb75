#ifndef CHATGATE_TESTS_BENCH_PEER_FANOUT_H_
#define CHATGATE_TESTS_BENCH_PEER_FANOUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chatgate {

// How a broker is told of events, and how its subscribers hear of them.
class PeerStream {
 public:
  virtual ~PeerStream() = default;
  // What a new subscriber sends.
  virtual std::string Subscribe() const = 0;
  // What the producer sends for an event.
  virtual std::string Publish(uint64_t seq) const = 0;
  // Takes whole messages off the front of `bytes`, and moves `last` over their
  // events. DATA_LOSS: one is missing or came twice.
  virtual absl::Status Take(absl::string_view* bytes, uint64_t* last) const = 0;
  // What a subscriber sends once it has had all up to `last`; empty: nothing.
  virtual std::string Next(uint64_t last) const = 0;
};

// Redis Streams, read 64 events at a time.
std::unique_ptr<PeerStream> RedisStream(const std::string& event);
std::unique_ptr<PeerStream> NatsSubject(const std::string& event);

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
  absl::Status Await();
  uint64_t Slowest() const;

  const std::unique_ptr<PeerStream> stream_;
  std::vector<Connection> connections_;  // The first is the producer's.
  int epoll_ = -1;
  uint64_t produced_ = 0;
  uint64_t delivered_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_PEER_FANOUT_H_
