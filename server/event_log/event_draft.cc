#include "server/event_log/event_draft.h"

#include <array>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

// Room for seq, cursor, id, received_time and possible_duplicate_of.
constexpr size_t kPlaceBytesMax = 160;

// Tag of `repeated Event events = 1`: field 1, length-delimited.
constexpr char kEventsTag = 0x0a;

template <typename Text>
void AppendVarint(uint64_t value, Text* out) {
  for (; value >= 0x80; value >>= 7) {
    out->push_back(static_cast<char>(value | 0x80));
  }
  out->push_back(static_cast<char>(value));
}

// The fields of a place as protobuf writes them, by hand: the writer thread, of
// which there is one, makes one for each event.
class PlaceText {
 public:
  explicit PlaceText(const EventPlace& place) {
    AddNumber(v1::Event::kSeqFieldNumber, place.cursor.seq);
    AddText(v1::Event::kCursorFieldNumber, EncodeCursor(place.cursor));
    AddText(v1::Event::kIdFieldNumber, EncodeEventId(place.cursor));
    AddTime(v1::Event::kReceivedTimeFieldNumber, place.received_micros);
    if (!place.possible_duplicate_of.empty()) {
      AddText(v1::Event::kPossibleDuplicateOfFieldNumber,
              place.possible_duplicate_of);
    }
  }

  const char* data() const { return bytes_.data(); }
  size_t size() const { return size_; }
  void push_back(char byte) { bytes_[size_++] = byte; }

 private:
  void AddTag(int field, int wire_type) {
    push_back(static_cast<char>(field << 3 | wire_type));
  }
  void AddNumber(int field, uint64_t value) {
    AddTag(field, 0);
    AppendVarint(value, this);
  }
  void AddText(int field, absl::string_view text) {
    AddTag(field, 2);
    AppendVarint(text.size(), this);
    std::memcpy(bytes_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void AddTime(int field, int64_t micros) {
    AddTag(field, 2);
    const size_t at = size_++;
    AddNumber(google::protobuf::Timestamp::kSecondsFieldNumber,
              static_cast<uint64_t>(micros / 1'000'000));
    const auto nanos = static_cast<uint64_t>(micros % 1'000'000 * 1000);
    if (nanos != 0) {
      AddNumber(google::protobuf::Timestamp::kNanosFieldNumber, nanos);
    }
    bytes_[at] = static_cast<char>(size_ - at - 1);
  }

  std::array<char, kPlaceBytesMax> bytes_;
  size_t size_ = 0;
};

void ClearPlace(v1::Event& event) {
  event.clear_seq();
  event.clear_cursor();
  event.clear_id();
  event.clear_received_time();
  event.clear_possible_duplicate_of();
  event.clear_raw();
}

}  // namespace

absl::StatusOr<EventDraft> MakeEventDraft(NewEvent event, absl::Time received) {
  EventDraft draft;
  draft.event = std::make_unique<v1::Event>(std::move(event.event));
  ClearPlace(*draft.event);
  const size_t body_size = draft.event->ByteSizeLong();
  const size_t size = body_size + event.raw.size() + kPlaceBytesMax;
  if (size > kEventBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an event of ", size, " bytes is over the limit of ", kEventBytesMax));
  }
  // The sizes of its parts are known from above.
  draft.body.resize(body_size);
  draft.event->SerializeWithCachedSizesToArray(
      reinterpret_cast<uint8_t*>(draft.body.data()));
  draft.raw = std::move(event.raw);
  draft.record = std::make_shared<EventRecord>();
  draft.record->traits = TraitsOf(*draft.event);
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

size_t AppendSlice(const EventDraft& draft, const EventPlace& place,
                   std::string* out) {
  // A message that follows another on the wire is merged into it.
  const PlaceText head(place);
  out->push_back(kEventsTag);
  AppendVarint(head.size() + draft.body.size(), out);
  const size_t begin = out->size();
  out->append(head.data(), head.size());
  *out += draft.body;
  return begin;
}

void AppendStored(absl::string_view stored, std::string* out) {
  out->push_back(kEventsTag);
  AppendVarint(stored.size(), out);
  out->append(stored.data(), stored.size());
}

absl::string_view StoredForm(const EventRecord& record) {
  absl::string_view slice = record.slice;
  slice.remove_prefix(1);
  while (static_cast<uint8_t>(slice.front()) >= 0x80) slice.remove_prefix(1);
  slice.remove_prefix(1);
  return slice;
}

}  // namespace chatgate
