#ifndef CHATGATE_SERVER_EVENT_LOG_RETENTION_H_
#define CHATGATE_SERVER_EVENT_LOG_RETENTION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/event_log/trim_tables.h"
#include "server/store/store.h"

namespace chatgate {

struct RetentionOptions {
  absl::Duration age_max = absl::InfiniteDuration();  // Since it was received.
  uint64_t bytes_max = 0;  // Of events and bodies; 0: no limit.
  // In one work of the store's writer; kTrimBytesMax bounds it, too.
  size_t trim_events = 500;
};

// Retention deletes the events that are too old, or too many, the oldest first.
// It deletes a few at a time, so that writers wait no longer than for each
// other, and what is measured once is not measured again.
//
//   Retention retention(*store, *log, Clock::System(), {.age_max = ...});
//   ASSIGN_OR_RETURN(const Retention::Deleted deleted, retention.Enforce());
//
// Ordering: what is left is a run of events up to the head. Who still needs
//           what was deleted gets a Gap.
// Memory:   a few bytes for each thousand events.
// Threads:  Enforce: one at a time, never the writer's. Stop: any.
class Retention {
 public:
  // How many events went, and why.
  struct Deleted {
    uint64_t by_age = 0;
    uint64_t by_bytes = 0;
  };

  // All of them outlive this.
  Retention(Store& store, SqliteEventLog& log, const Clock& clock,
            const RetentionOptions& options)
      : store_(store), log_(log), clock_(clock), options_(options) {}

  // Brings the log within its limits, give or take a mebibyte. UNAVAILABLE: the
  // store refuses changes.
  absl::StatusOr<Deleted> Enforce();

  // Makes Enforce return soon, now and ever after.
  void Stop() { stopping_ = true; }

  // Bytes of the events that were kept at the end of Enforce, where there is a
  // limit to them.
  uint64_t bytes() const { return bytes_; }

 private:
  // Deletes the events up to `last_seq`. Returns how many.
  absl::StatusOr<uint64_t> TrimTo(uint64_t last_seq);
  // Measures what came since the last time.
  absl::Status Measure();
  // Forgets the measure of what is gone.
  void Forget();

  Store& store_;
  SqliteEventLog& log_;
  const Clock& clock_;
  const RetentionOptions options_;
  std::atomic<bool> stopping_ = false;

  std::deque<EventRun> runs_;  // Oldest first, without a hole between them.
  uint64_t measured_ = 0;      // Up to this seq.
  std::atomic<uint64_t> bytes_ = 0;  // Of all runs.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_RETENTION_H_
