#include "server/event_log/unpublished_events.h"

#include <algorithm>
#include <utility>

namespace chatgate {
namespace {

// A response takes about as many events, and one that is read keeps its whole
// run.
constexpr size_t kRunEventsMax = 64;
constexpr size_t kRunBytesMax = 128 << 10;

}  // namespace

absl::string_view UnpublishedEvents::Add(const EventDraft& draft,
                                         const EventPlace& place) {
  if (runs_.empty() || runs_.back().events == kRunEventsMax ||
      runs_.back().bytes->size() + draft.body.size() > kRunBytesMax) {
    runs_.push_back({std::make_shared<std::string>(), 0});
    runs_.back().bytes->reserve(std::min(run_bytes_, kRunBytesMax));
  }
  Run& run = runs_.back();
  draft.record->seq = place.cursor.seq;
  const size_t begin = run.bytes->size();
  const size_t stored_begin = AppendSlice(draft, place, run.bytes.get());
  ++run.events;
  entries_.push_back({draft.record, begin, run.bytes->size() - begin});
  return absl::string_view(*run.bytes).substr(stored_begin);
}

void UnpublishedEvents::RemoveLast() {
  Run& run = runs_.back();
  run.bytes->resize(entries_.back().begin);
  entries_.pop_back();
  if (--run.events == 0) runs_.pop_back();
}

std::vector<std::shared_ptr<const EventRecord>> UnpublishedEvents::Take() {
  std::vector<std::shared_ptr<const EventRecord>> records;
  records.reserve(entries_.size());
  auto entry = entries_.begin();
  for (Run& run : runs_) {
    // It grew by doubling, and may be kept for long.
    const size_t size = run.bytes->size();
    if (run.bytes->capacity() > size + size / 4) run.bytes->shrink_to_fit();
    run_bytes_ = size + size / 8;
    for (; run.events > 0; --run.events, ++entry) {
      entry->record->slice = SharedBytes(run.bytes, entry->begin, entry->size);
      records.push_back(std::move(entry->record));
    }
  }
  runs_.clear();
  entries_.clear();
  return records;
}

}  // namespace chatgate
