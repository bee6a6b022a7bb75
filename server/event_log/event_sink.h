#ifndef CHATGATE_SERVER_EVENT_LOG_EVENT_SINK_H_
#define CHATGATE_SERVER_EVENT_LOG_EVENT_SINK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chatgate/v1/events.pb.h"

namespace chatgate {

// Largest event, as serialised and with its raw body: a client's limit of 4 MiB
// a message leaves room for it and for what a response adds.
inline constexpr size_t kEventBytesMax = 3584 * 1024;

// Tells a repetition of a webhook from a new event. Two events with equal keys
// are one.
struct DedupeKey {
  uint64_t app_id = 0;
  v1::EventSource source = v1::EVENT_SOURCE_UNSPECIFIED;
  v1::EventKind kind = v1::EVENT_KIND_UNSPECIFIED;
  uint64_t id = 0;        // The platform's id; text ids as their fingerprint.
  uint64_t revision = 0;  // 0, or the fingerprint of `edited` and `removed`.
};

// An event before it has a place in the log.
struct NewEvent {
  v1::Event event;  // Without seq, cursor, id, received_time and raw.
  std::string raw;  // Body as received, token blanked; may be empty.
  std::optional<DedupeKey> key;
  // Where there is no key: a fingerprint of content and times. An earlier event
  // with the same one is named in `possible_duplicate_of`.
  std::optional<uint64_t> content_fingerprint;
};

struct Appended {
  uint64_t seq = 0;        // Of the event, or of the one it repeats.
  bool duplicate = false;  // True when nothing was added.
};

// Takes events in. The receivers see no more of the log than this.
class EventSink {
 public:
  using Done = std::function<void(absl::StatusOr<Appended>)>;

  virtual ~EventSink() = default;

  // Appends, and calls `done` from another thread once the event is on stable
  // storage, or with the reason why it is not: RESOURCE_EXHAUSTED when too much
  // waits (on the calling thread), INVALID_ARGUMENT when the event is over
  // kEventBytesMax, UNAVAILABLE when the store refuses changes. `done` must not
  // block.
  virtual void Append(NewEvent event, Done done) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_EVENT_SINK_H_
