#include "server/event_log/recent_events.h"

#include <utility>

namespace chatgate {
namespace {

size_t MemoryOf(const EventRecord& record) {
  return sizeof(EventRecord) + record.slice.size() +
         record.traits.conversation.capacity() +
         record.traits.user_id.capacity() + record.traits.direction.capacity() +
         record.traits.part_type.capacity();
}

}  // namespace

RecentEvents::RecentEvents(uint64_t head, size_t bytes_max)
    : bytes_max_(bytes_max), head_(head) {}

void RecentEvents::Add(std::vector<std::shared_ptr<const EventRecord>> events) {
  if (events.empty()) return;
  size_t added = 0;
  for (const auto& event : events) added += MemoryOf(*event);
  const uint64_t head = events.back()->seq;
  // Freed without the lock.
  std::vector<std::shared_ptr<const EventRecord>> dropped;
  MutexLock lock(mu_);
  for (auto& event : events) events_.push_back(std::move(event));
  bytes_ += added;
  while (bytes_ > bytes_max_ && events_.size() > 1) {
    bytes_ -= MemoryOf(*events_.front());
    dropped.push_back(std::move(events_.front()));
    events_.pop_front();
  }
  head_.store(head, std::memory_order_release);
}

bool RecentEvents::Holds(uint64_t position) const {
  const uint64_t head = head_.load(std::memory_order_relaxed);
  return position <= head && head - position <= events_.size();
}

std::optional<EventBatch> RecentEvents::ReadAfter(uint64_t position,
                                                  size_t events_max,
                                                  size_t bytes_max) const {
  EventBatch batch;
  batch.position = position;
  MutexLock lock(mu_);
  if (!Holds(position)) return std::nullopt;
  const uint64_t behind = head_.load(std::memory_order_relaxed) - position;
  size_t bytes = 0;
  for (size_t i = events_.size() - behind;
       i < events_.size() && batch.events.size() < events_max; ++i) {
    bytes += events_[i]->slice.size();
    if (bytes > bytes_max && !batch.events.empty()) break;
    batch.events.push_back(events_[i]);
    batch.position = events_[i]->seq;
  }
  return batch;
}

}  // namespace chatgate
