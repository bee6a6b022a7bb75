#ifndef CHATGATE_SERVER_EVENT_LOG_EVENT_LOG_H_
#define CHATGATE_SERVER_EVENT_LOG_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/event_log/cursor.h"
#include "server/event_log/event_record.h"
#include "server/event_log/event_sink.h"
#include "server/store/database.h"

namespace chatgate {

// What takes part in an append: called inside the writer's transaction for
// every new event, also for those that other work appends, so that what it
// writes stands or falls with the event. One that appends events of its own is
// told of these, too. May be told of an event again that was undone.
class AppendParticipant {
 public:
  virtual ~AppendParticipant() = default;
  // Not OK: the event is not appended, and the sink's caller gets the status.
  virtual absl::Status OnAppend(Transaction& transaction,
                                const v1::Event& event) = 0;
};

// Events after a position, or before it.
struct EventBatch {
  std::vector<std::shared_ptr<const EventRecord>> events;  // As they were read.
  uint64_t position = 0;  // Everything up to here was examined.
  // Events between the asked position and the first one kept are gone.
  struct Lost {
    uint64_t first_seq;
    uint64_t last_seq;
  };
  std::optional<Lost> lost;
};

// EventLog is the durable, ordered record of what happened in the chats.
// Writers append at its end; each reader keeps its own position and reads
// forward from there.
//
// Durability: an append is answered OK only once it is on stable storage.
// Ordering:   seq starts at 1 and grows by 1; received_time never decreases.
// Threads:    any. What reads may touch the disk, but for ReadRecent: never on
//             the thread of a gRPC queue.
class EventLog : public EventSink {
 public:
  // Appends inside somebody else's work, so that the event stands or falls with
  // it. Returns its seq.
  virtual absl::StatusOr<uint64_t> AppendInTransaction(Transaction& transaction,
                                                       NewEvent event) = 0;

  // At most `events_max` events and about `bytes_max` bytes, but at least one,
  // after `position`. Empty at the end. OUT_OF_RANGE: `position` is beyond the
  // head.
  virtual absl::StatusOr<EventBatch> ReadAfter(uint64_t position,
                                               size_t events_max,
                                               size_t bytes_max) = 0;

  // The other way: at most as much, but at least one, up to `position`, newest
  // first. Everything from the batch's position to `position` was examined; it
  // is 0 where nothing is left before. Its cost does not depend on `position`.
  virtual absl::StatusOr<EventBatch> ReadBack(uint64_t position,
                                              size_t events_max,
                                              size_t bytes_max) = 0;

  // As ReadAfter where memory has it, else nothing. Never touches the disk.
  virtual std::optional<EventBatch> ReadRecent(uint64_t position,
                                               size_t events_max,
                                               size_t bytes_max) const = 0;

  // The body as it was received, token blanked; empty where there was none.
  virtual absl::StatusOr<std::string> ReadRaw(uint64_t seq) = 0;

  // The position before the first event that was received at `time` or later,
  // or, for a time to come, now. Waits for what is being stored.
  // RESOURCE_EXHAUSTED: too much waits for the disk; try again.
  virtual absl::StatusOr<uint64_t> PositionAt(absl::Time time) = 0;

  // Last seq on stable storage; 0 when empty.
  virtual uint64_t Head() const = 0;
  // First seq that is kept; Head() + 1 when none is.
  virtual uint64_t Tail() const = 0;
  // Which epoch `seq` is of; never 0. See Epochs.
  virtual uint64_t EpochAt(uint64_t seq) const = 0;
  // `seq` as clients hold it.
  Cursor CursorAt(uint64_t seq) const {
    return {.epoch = EpochAt(seq), .seq = seq};
  }

  // Called after every group that moved the head, from the writer thread; must
  // not block. At most one listener.
  virtual void OnHead(std::function<void(uint64_t head)> listener) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_EVENT_LOG_H_
