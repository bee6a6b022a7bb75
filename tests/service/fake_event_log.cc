#include "tests/service/fake_event_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/event_log/cursor.h"

namespace chatgate {

uint64_t FakeEventLog::Add(v1::Event event) {
  std::function<void(uint64_t)> listener;
  uint64_t seq;
  {
    MutexLock lock(mu_);
    seq = entries_.size() + 1;
    Entry entry;
    entry.received = absl::FromUnixSeconds(static_cast<int64_t>(seq));
    entry.raw = event.raw();
    event.clear_raw();
    event.set_seq(seq);
    event.set_id(EncodeEventId({kEpoch, seq}));
    event.mutable_received_time()->set_seconds(static_cast<int64_t>(seq));
    auto record = std::make_shared<EventRecord>();
    record->seq = seq;
    record->traits = TraitsOf(event);
    v1::SubscribeResponse one;
    *one.add_events() = std::move(event);
    record->slice = one.SerializeAsString();
    entry.record = std::move(record);
    entries_.push_back(std::move(entry));
    listener = listener_;
  }
  if (listener) listener(seq);
  return seq;
}

void FakeEventLog::DropBefore(uint64_t tail) {
  MutexLock lock(mu_);
  tail_ = tail;
}

void FakeEventLog::Damage(uint64_t seq) {
  MutexLock lock(mu_);
  auto damaged = std::make_shared<EventRecord>(*entries_[seq - 1].record);
  // Its frame stays whole.
  const absl::string_view whole = damaged->slice;
  const size_t half = whole.size() / 2;
  damaged->slice = absl::StrCat(whole.substr(0, half),
                                std::string(whole.size() - half, '\xff'));
  entries_[seq - 1].record = std::move(damaged);
}

void FakeEventLog::Block() {
  MutexLock lock(mu_);
  blocked_ = true;
}

void FakeEventLog::Unblock() {
  MutexLock lock(mu_);
  blocked_ = false;
  unblocked_.SignalAll();
}

void FakeEventLog::FailReads(absl::Status status) {
  MutexLock lock(mu_);
  read_error_ = std::move(status);
}

void FakeEventLog::Append(NewEvent event, Done done) {
  v1::Event whole = std::move(event.event);
  whole.set_raw(event.raw);
  done(Appended{Add(std::move(whole)), false});
}

absl::StatusOr<uint64_t> FakeEventLog::AppendInTransaction(
    Transaction& /*transaction*/, NewEvent event) {
  return Add(std::move(event.event));
}

absl::StatusOr<EventBatch> FakeEventLog::ReadAfter(uint64_t position,
                                                   size_t events_max,
                                                   size_t bytes_max) {
  ++reads_;
  ++reads_after_;
  MutexLock lock(mu_);
  while (blocked_) unblocked_.Wait(mu_);
  if (!read_error_.ok()) return read_error_;
  if (position > entries_.size()) return absl::OutOfRangeError("no such event");
  if (unreadable == position + 1) return absl::DataLossError("damaged");
  if (unreadable > position) {
    events_max = std::min<size_t>(events_max, unreadable - 1 - position);
  }
  return Read(position, events_max, bytes_max);
}

// What is recent is answered from memory, whatever the disk does.
std::optional<EventBatch> FakeEventLog::ReadRecent(uint64_t position,
                                                   size_t events_max,
                                                   size_t bytes_max) const {
  ++reads_;
  MutexLock lock(mu_);
  if (position < recent_from || position > entries_.size() ||
      position + 1 < tail_ || !read_error_.ok()) {
    return std::nullopt;
  }
  return Read(position, events_max, bytes_max);
}

EventBatch FakeEventLog::Read(uint64_t position, size_t events_max,
                              size_t bytes_max) const {
  EventBatch batch;
  batch.position = position;
  if (position + 1 < tail_) {
    batch.lost = EventBatch::Lost{position + 1, tail_ - 1};
    batch.position = position = tail_ - 1;
  }
  size_t bytes = 0;
  while (position < entries_.size() && batch.events.size() < events_max) {
    const auto& record = entries_[position].record;
    if (!batch.events.empty() && bytes + record->slice.size() > bytes_max) {
      break;
    }
    bytes += record->slice.size();
    batch.events.push_back(record);
    batch.position = ++position;
  }
  return batch;
}

absl::StatusOr<EventBatch> FakeEventLog::ReadBack(uint64_t position,
                                                  size_t events_max,
                                                  size_t /*bytes_max*/) {
  ++reads_;
  MutexLock lock(mu_);
  while (blocked_) unblocked_.Wait(mu_);
  if (!read_error_.ok()) return read_error_;
  EventBatch batch;
  position = std::min<uint64_t>(position, entries_.size());
  if (position != 0 && unreadable == position) {
    return absl::DataLossError("damaged");
  }
  if (unreadable < position) {
    events_max = std::min<size_t>(events_max, position - unreadable);
  }
  while (position >= tail_ && batch.events.size() < events_max) {
    batch.events.push_back(entries_[--position].record);
  }
  batch.position = position >= tail_ ? position : 0;
  return batch;
}

absl::StatusOr<std::string> FakeEventLog::ReadRaw(uint64_t seq) {
  MutexLock lock(mu_);
  return entries_.at(seq - 1).raw;
}

absl::StatusOr<uint64_t> FakeEventLog::PositionAt(absl::Time time) {
  MutexLock lock(mu_);
  while (blocked_) unblocked_.Wait(mu_);
  uint64_t position = 0;
  while (position < entries_.size() && entries_[position].received < time) {
    ++position;
  }
  return position;
}

uint64_t FakeEventLog::Head() const {
  MutexLock lock(mu_);
  return entries_.size();
}

uint64_t FakeEventLog::Tail() const {
  MutexLock lock(mu_);
  return tail_;
}

void FakeEventLog::OnHead(std::function<void(uint64_t head)> listener) {
  MutexLock lock(mu_);
  listener_ = std::move(listener);
}

}  // namespace chatgate
