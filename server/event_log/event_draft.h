#ifndef CHATGATE_SERVER_EVENT_LOG_EVENT_DRAFT_H_
#define CHATGATE_SERVER_EVENT_LOG_EVENT_DRAFT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/event_log/cursor.h"
#include "server/event_log/event_record.h"
#include "server/event_log/event_sink.h"

namespace chatgate {

// An event that is serialised but for its place in the log, so that the writer
// thread, of which there is one, has little left to do.
struct EventDraft {
  // The message, for those who look at it; null where nobody does.
  std::unique_ptr<v1::Event> event;
  std::string body;  // The event without its place, serialised.
  std::string raw;
  // With its traits; the place is still to come.
  std::shared_ptr<EventRecord> record;
  std::optional<DedupeKey> key;
  std::optional<uint64_t> content_fingerprint;
  absl::Time received;
};

// What the log adds to an event.
struct EventPlace {
  Cursor cursor;
  int64_t received_micros = 0;  // Since 1970.
  std::string possible_duplicate_of;
};

// INVALID_ARGUMENT: the event is over kEventBytesMax.
absl::StatusOr<EventDraft> MakeEventDraft(NewEvent event, absl::Time received);

// Writes the place into draft.event, for those who look at it as a message.
void SetPlace(const EventPlace& place, v1::Event& event);

// Appends the slice of the draft at its place. Where in `out` the serialised
// event begins, which is what is stored.
size_t AppendSlice(const EventDraft& draft, const EventPlace& place,
                   std::string* out);

// Appends the slice of a stored event.
void AppendStored(absl::string_view stored, std::string* out);

// The serialised event inside a slice, which is what is stored.
absl::string_view StoredForm(const EventRecord& record);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_EVENT_DRAFT_H_
