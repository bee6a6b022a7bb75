#ifndef CHATGATE_SERVER_EVENT_LOG_STORED_RUN_H_
#define CHATGATE_SERVER_EVENT_LOG_STORED_RUN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/event_log/event_record.h"

namespace chatgate {

// StoredRun makes records of events that were read from the disk together.
// Their slices stand one behind the other, and the records in one piece of
// memory, which lives as long as any of them.
//
// Threads: one at a time.
class StoredRun {
 public:
  // Has room for `events` of the usual size, or for as many as a response has.
  explicit StoredRun(size_t events);

  // DATA_LOSS: the bytes are no event.
  absl::Status Add(uint64_t seq, absl::string_view stored);

  size_t size() const { return entries_.size(); }
  size_t bytes() const { return bytes_.size(); }

  // All of them, in the order of Add, and leaves none.
  std::vector<std::shared_ptr<const EventRecord>> Take();

 private:
  struct Entry {
    uint64_t seq;
    EventTraits traits;
    size_t begin;
    size_t size;
  };

  std::string bytes_;
  std::vector<Entry> entries_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_STORED_RUN_H_
