#ifndef CHATGATE_SERVER_EVENT_LOG_UNPUBLISHED_EVENTS_H_
#define CHATGATE_SERVER_EVENT_LOG_UNPUBLISHED_EVENTS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/event_log/event_draft.h"
#include "server/event_log/event_record.h"

namespace chatgate {

// UnpublishedEvents are the events of a transaction while it is open. Their
// slices are written one behind the other, so that a response of many events
// needs one piece of memory for each run of them.
//
// Threads: one at a time.
class UnpublishedEvents {
 public:
  // Gives `draft` its place; its record is ours until it is removed or taken.
  // The event as it is stored, until the next call.
  absl::string_view Add(const EventDraft& draft, const EventPlace& place);

  void RemoveLast();

  size_t size() const { return entries_.size(); }

  // All of them, oldest first, and leaves none.
  std::vector<std::shared_ptr<const EventRecord>> Take();

 private:
  // Slices that stand in one piece of memory.
  struct Run {
    std::shared_ptr<std::string> bytes;
    size_t events = 0;
  };
  struct Entry {
    std::shared_ptr<EventRecord> record;
    size_t begin;  // In its run.
    size_t size;
  };

  std::vector<Run> runs_;
  std::vector<Entry> entries_;
  size_t run_bytes_ = 0;  // That the next run may be expected to need.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_UNPUBLISHED_EVENTS_H_
