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
  virtual std::string Subscribe() = 0;
  // What the producer sends for an event.
  virtual std::string Publish(uint64_t seq) const = 0;
  // Takes whole messages off the front of `bytes`, and moves `last` over their
  // events. What the subscriber says to that is added to `to_send`. DATA_LOSS:
  // an event is missing or came twice.
  virtual absl::Status Take(absl::string_view* bytes, uint64_t* last,
                            std::string* to_send) = 0;
};

// Redis Streams, read 64 events at a time.
std::unique_ptr<PeerStream> RedisStream(const std::string& event);
std::unique_ptr<PeerStream> NatsSubject(const std::string& event);
// A stream of JetStream's from its beginning, an ordered consumer for each
// subscriber. Nothing is published through it.
std::unique_ptr<PeerStream> JetStreamFromTheBeginning();

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_PEER_STREAM_H_
