#ifndef CHATGATE_SERVER_EVENT_LOG_TRIM_TABLES_H_
#define CHATGATE_SERVER_EVENT_LOG_TRIM_TABLES_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "server/store/store.h"

namespace chatgate {

// What retention asks of the log's tables; event_tables.h has the rest.

// Most bytes of events and bodies that DeleteOldest deletes at once, give or
// take one event: what waits for the writer waits no longer than for a few
// large appends.
inline constexpr uint64_t kTrimBytesMax = uint64_t{4} << 20;

// Deletes the oldest events up to `last_seq`, at most `events_max` of them and
// kTrimBytesMax, with their bodies, and notes how far. Dedupe keys stay: they
// outlive their events (docs/adr/0013-keys-outlive-their-events.md). Returns
// the first seq that may be left, 0 where there was nothing to delete.
absl::StatusOr<uint64_t> DeleteOldest(Transaction& transaction,
                                      uint64_t last_seq, size_t events_max);

// Bytes of a run of events, bodies included.
struct EventRun {
  uint64_t last_seq = 0;
  uint64_t bytes = 0;
};

// The run after `position` up to `head`: it ends with `events_max` events, or
// with the one that brings it to `bytes_max`. Of no events: 0 bytes up to
// `head`.
absl::StatusOr<EventRun> MeasureRun(Connection& connection, uint64_t position,
                                    uint64_t head, size_t events_max,
                                    uint64_t bytes_max);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_TRIM_TABLES_H_
