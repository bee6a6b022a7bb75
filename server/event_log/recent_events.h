#ifndef CHATGATE_SERVER_EVENT_LOG_RECENT_EVENTS_H_
#define CHATGATE_SERVER_EVENT_LOG_RECENT_EVENTS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "server/base/mutex.h"
#include "server/event_log/event_log.h"
#include "server/event_log/event_record.h"

namespace chatgate {

// RecentEvents keeps the newest events in memory, as many as fit into
// `bytes_max` but at least one, for readers that are near the head.
//
// Threads: any; the lock is held for the copying of pointers alone.
class RecentEvents {
 public:
  // Begins empty behind `head`.
  RecentEvents(uint64_t head, size_t bytes_max);

  // Adds events that follow the head without a hole, and moves it.
  void Add(std::vector<std::shared_ptr<const EventRecord>> events)
      ABSL_LOCKS_EXCLUDED(mu_);

  // As EventLog::ReadAfter; nothing where `position` is too old, or beyond the
  // head.
  std::optional<EventBatch> ReadAfter(uint64_t position, size_t events_max,
                                      size_t bytes_max) const
      ABSL_LOCKS_EXCLUDED(mu_);

  uint64_t head() const { return head_.load(std::memory_order_acquire); }

 private:
  bool Holds(uint64_t position) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const size_t bytes_max_;
  std::atomic<uint64_t> head_;  // Moved under mu_.

  mutable Mutex mu_;
  std::deque<std::shared_ptr<const EventRecord>> events_ ABSL_GUARDED_BY(mu_);
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_RECENT_EVENTS_H_
