#ifndef CHATGATE_TESTS_BENCH_PEER_STREAM_H_
#define CHATGATE_TESTS_BENCH_PEER_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

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

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_PEER_STREAM_H_
