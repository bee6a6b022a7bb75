#include "server/event_log/stored_run.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/event_log/event_draft.h"
#include "server/event_log/traits_scanner.h"

namespace chatgate {
namespace {

constexpr size_t kEventsUsual = 512;
constexpr size_t kEventBytesUsual = 700;

}  // namespace

StoredRun::StoredRun(size_t events) {
  events = std::min(events, kEventsUsual);
  entries_.reserve(events);
  bytes_.reserve(events * kEventBytesUsual);
}

absl::Status StoredRun::Add(uint64_t seq, absl::string_view stored) {
  std::optional<EventTraits> traits = ScanTraits(stored);
  if (!traits.has_value()) {
    return absl::DataLossError(
        absl::StrCat("the event at position ", seq, " cannot be read"));
  }
  const size_t begin = bytes_.size();
  AppendStored(stored, &bytes_);
  entries_.push_back({seq, *std::move(traits), begin, bytes_.size() - begin});
  return absl::OkStatus();
}

std::vector<std::shared_ptr<const EventRecord>> StoredRun::Take() {
  const auto whole = std::make_shared<const std::string>(std::move(bytes_));
  const auto all = std::make_shared<std::vector<EventRecord>>(entries_.size());
  std::vector<std::shared_ptr<const EventRecord>> records;
  records.reserve(entries_.size());
  for (Entry& entry : entries_) {
    EventRecord& record = (*all)[records.size()];
    record.seq = entry.seq;
    record.traits = std::move(entry.traits);
    record.slice = SharedBytes(whole, entry.begin, entry.size);
    records.emplace_back(all, &record);
  }
  bytes_.clear();
  entries_.clear();
  return records;
}

}  // namespace chatgate
