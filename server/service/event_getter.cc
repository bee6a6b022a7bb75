#include "server/service/event_getter.h"

#include <string>

#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/event_log/cursor.h"
#include "server/service/response_builder.h"
#include "server/subscription/start_position.h"

namespace chatgate {
namespace {

// One answer for what is gone and what is another's.
absl::Status NoSuchEvent() {
  return MakeError("LookupError", "there is no such event, or it is gone");
}

// The event that a batch of one must hold.
absl::StatusOr<const EventRecord*> Only(const EventBatch& batch,
                                        const EventFilter& visible,
                                        uint64_t seq) {
  if (batch.events.empty() || batch.events.front()->seq != seq ||
      !visible.Matches(batch.events.front()->traits)) {
    return NoSuchEvent();
  }
  return batch.events.front().get();
}

}  // namespace

absl::StatusOr<uint64_t> SeqAskedFor(const EventLog& log,
                                     const v1::GetEventRequest& request) {
  if (request.id().empty() && request.cursor().empty()) {
    return InvalidField("id", "either `id` or `cursor` is needed");
  }
  if (!request.id().empty()) {
    if (!request.cursor().empty())
      return InvalidField("cursor", "excludes `id`");
    const absl::StatusOr<Cursor> place = DecodeEventId(request.id());
    if (!place.ok()) return InvalidField("id", "is no event's id");
    return PositionIn(log, "id", *place);
  }
  ASSIGN_OR_RETURN(const uint64_t seq,
                   PositionOfCursor(log, "cursor", request.cursor()));
  // The position before the first event is that of none.
  if (seq == 0) return NoSuchEvent();
  return seq;
}

absl::Status GetEvent(EventLog& log, const EventFilter& visible, uint64_t seq,
                      bool include_raw, v1::Event* event) {
  ASSIGN_OR_RETURN(const EventBatch batch,
                   log.ReadAfter(seq - 1, 1, kResponseBytesMax));
  ASSIGN_OR_RETURN(const EventRecord* record, Only(batch, visible, seq));
  std::string raw;
  if (include_raw) {
    ASSIGN_OR_RETURN(raw, log.ReadRaw(seq));
  }
  *event = ParseSlice(SliceWithRaw(*record, raw));
  return absl::OkStatus();
}

std::optional<absl::Status> GetRecentEvent(const EventLog& log,
                                           const EventFilter& visible,
                                           uint64_t seq, v1::Event* event) {
  const std::optional<EventBatch> batch =
      log.ReadRecent(seq - 1, 1, kResponseBytesMax);
  if (!batch.has_value()) return std::nullopt;
  const absl::StatusOr<const EventRecord*> record = Only(*batch, visible, seq);
  if (record.ok()) *event = ParseSlice((*record)->slice);
  return record.status();
}

}  // namespace chatgate
