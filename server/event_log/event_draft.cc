#include "server/event_log/event_draft.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

// Room for seq, cursor, id, received_time and possible_duplicate_of.
constexpr size_t kPlaceBytesMax = 160;

// Tag of `repeated Event events = 1`: field 1, length-delimited.
constexpr char kEventsTag = 0x0a;

void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<char>(value | 0x80));
  }
  out.push_back(static_cast<char>(value));
}

void ClearPlace(v1::Event& event) {
  event.clear_seq();
  event.clear_cursor();
  event.clear_id();
  event.clear_received_time();
  event.clear_possible_duplicate_of();
  event.clear_raw();
}

void AppendSliceHead(size_t size, std::string& slice) {
  slice.push_back(kEventsTag);
  AppendVarint(size, slice);
}

}  // namespace

absl::StatusOr<EventDraft> MakeEventDraft(NewEvent event, absl::Time received) {
  EventDraft draft;
  draft.event = std::move(event.event);
  ClearPlace(draft.event);
  const size_t size =
      draft.event.ByteSizeLong() + event.raw.size() + kPlaceBytesMax;
  if (size > kEventBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an event of ", size, " bytes is over the limit of ", kEventBytesMax));
  }
  if (!draft.event.SerializeToString(&draft.body)) {
    return absl::InvalidArgumentError("the event cannot be serialised");
  }
  draft.raw = std::move(event.raw);
  draft.traits = TraitsOf(draft.event);
  draft.key = event.key;
  draft.content_fingerprint = event.content_fingerprint;
  draft.received = received;
  return draft;
}

void SetPlace(const EventPlace& place, v1::Event& event) {
  event.set_seq(place.cursor.seq);
  event.set_cursor(EncodeCursor(place.cursor));
  event.set_id(EncodeEventId(place.cursor));
  google::protobuf::Timestamp& time = *event.mutable_received_time();
  time.set_seconds(place.received_micros / 1'000'000);
  time.set_nanos(
      static_cast<int32_t>(place.received_micros % 1'000'000 * 1000));
  event.set_possible_duplicate_of(place.possible_duplicate_of);
}

std::shared_ptr<EventRecord> MakeEventRecord(const EventDraft& draft,
                                             const EventPlace& place) {
  // A message that follows another on the wire is merged into it.
  v1::Event head;
  SetPlace(place, head);
  const size_t head_size = head.ByteSizeLong();
  auto record = std::make_shared<EventRecord>();
  record->seq = place.cursor.seq;
  record->traits = draft.traits;
  record->slice.reserve(head_size + draft.body.size() + 6);
  AppendSliceHead(head_size + draft.body.size(), record->slice);
  head.AppendToString(&record->slice);
  record->slice += draft.body;
  return record;
}

absl::StatusOr<std::shared_ptr<const EventRecord>> ReadEventRecord(
    uint64_t seq, absl::string_view stored) {
  v1::Event event;
  if (!event.ParseFromArray(stored.data(), static_cast<int>(stored.size()))) {
    return absl::DataLossError(
        absl::StrCat("the event at position ", seq, " cannot be read"));
  }
  auto record = std::make_shared<EventRecord>();
  record->seq = seq;
  record->traits = TraitsOf(event);
  record->slice.reserve(stored.size() + 6);
  AppendSliceHead(stored.size(), record->slice);
  record->slice.append(stored.data(), stored.size());
  return record;
}

absl::string_view StoredForm(const EventRecord& record) {
  absl::string_view slice(record.slice);
  slice.remove_prefix(1);
  while (static_cast<uint8_t>(slice.front()) >= 0x80) slice.remove_prefix(1);
  slice.remove_prefix(1);
  return slice;
}

}  // namespace chatgate
