// The reading half of SqliteEventLog, and what deletes; they share no state
// with the writing one but the head, the tail and the recent events.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/event_log/stored_run.h"
#include "server/event_log/trim_tables.h"

namespace chatgate {
namespace {

// received >= time, in the log's whole microseconds.
int64_t CeilMicros(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  return absl::FromUnixMicros(micros) < time && micros < INT64_MAX ? micros + 1
                                                                   : micros;
}

}  // namespace

std::optional<EventBatch> SqliteEventLog::ReadRecent(uint64_t position,
                                                     size_t events_max,
                                                     size_t bytes_max) const {
  // What was deleted counts as gone, though memory may still hold it.
  if (position + 1 < Tail()) return std::nullopt;
  return recent_.ReadAfter(position, std::max<size_t>(events_max, 1),
                           bytes_max);
}

absl::StatusOr<EventBatch> SqliteEventLog::ReadAfter(uint64_t position,
                                                     size_t events_max,
                                                     size_t bytes_max) {
  std::optional<EventBatch> recent =
      ReadRecent(position, events_max, bytes_max);
  if (recent.has_value()) return *std::move(recent);
  events_max = std::max<size_t>(events_max, 1);
  const uint64_t head = Head();
  if (position > head) {
    return absl::OutOfRangeError(absl::StrCat(
        "position ", position, " is beyond the log's head, ", head));
  }
  return ReadStored(position, head, events_max, bytes_max);
}

absl::StatusOr<EventBatch> SqliteEventLog::ReadStored(uint64_t position,
                                                      uint64_t head,
                                                      size_t events_max,
                                                      size_t bytes_max) {
  EventBatch batch;
  batch.position = position;
  StoredRun run(std::min<size_t>(events_max, head - position));
  const auto take = [&](uint64_t seq,
                        absl::string_view stored) -> absl::StatusOr<bool> {
    if (seq != batch.position + 1) {
      // A hole behind events is told by the next batch, which begins with it.
      if (run.size() > 0) return false;
      batch.lost = {.first_seq = position + 1, .last_seq = seq - 1};
    }
    if (run.size() > 0 && run.bytes() + stored.size() > bytes_max) return false;
    const absl::Status added = run.Add(seq, stored);
    // What stands before a damaged event is sound; the next batch begins with
    // it.
    if (!added.ok() && run.size() > 0) return false;
    RETURN_IF_ERROR(added);
    batch.position = seq;
    return run.size() < events_max;
  };
  uint64_t first_kept = head + 1;
  RETURN_IF_ERROR(store_.Read([&](Connection& connection) -> absl::Status {
    const absl::Status read = ForEachEvent(connection, position, head, take);
    // A damaged page is as a damaged event.
    if (absl::IsDataLoss(read) && run.size() > 0) return absl::OkStatus();
    RETURN_IF_ERROR(read);
    if (run.size() > 0 && !batch.lost.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::optional<ReceivedAt> first,
                     SelectReceived(connection, 0));
    if (first.has_value()) first_kept = std::min(first_kept, first->seq);
    return absl::OkStatus();
  }));
  batch.events = run.Take();
  if (batch.events.empty() && position < head) {
    batch.lost = {.first_seq = position + 1, .last_seq = head};
    batch.position = head;
  }
  // A hole may have kept events before it.
  if (batch.lost.has_value()) RaiseTail(first_kept);
  return batch;
}

// Positions only grow; several readers may find the same loss, or one that is
// being made.
void SqliteEventLog::RaiseTail(uint64_t tail) {
  uint64_t known = tail_;
  while (known < tail && !tail_.compare_exchange_weak(known, tail)) {
  }
}

absl::Status SqliteEventLog::Trim(uint64_t last_seq, size_t events_max) {
  last_seq = std::min(last_seq, Head());
  return store_.Write([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const uint64_t tail,
                     DeleteOldest(transaction, last_seq, events_max));
    transaction.OnCommit([this, tail] { RaiseTail(tail); });
    return absl::OkStatus();
  });
}

absl::StatusOr<EventBatch> SqliteEventLog::ReadBack(uint64_t position,
                                                    size_t events_max,
                                                    size_t bytes_max) {
  // What is beyond the head is not promised yet.
  position = std::min(position, Head());
  events_max = std::max<size_t>(events_max, 1);
  EventBatch batch;
  StoredRun run(events_max);
  uint64_t last_seq = 0;  // That was added.
  const auto take = [&](uint64_t seq,
                        absl::string_view stored) -> absl::StatusOr<bool> {
    const bool full =
        run.size() == events_max ||
        (run.size() > 0 && run.bytes() + stored.size() > bytes_max);
    // Only what does not fit any more shows that something is left.
    batch.position = full ? seq : 0;
    if (full) return false;
    const absl::Status added = run.Add(seq, stored);
    if (added.ok()) {
      last_seq = seq;
      return true;
    }
    if (run.size() == 0) return added;
    batch.position = seq;  // A damaged one, as in ReadStored.
    return false;
  };
  RETURN_IF_ERROR(store_.Read([&](Connection& connection) -> absl::Status {
    const absl::Status read = ForEachEventBack(connection, position, take);
    if (!absl::IsDataLoss(read) || run.size() == 0) return read;
    batch.position = last_seq - 1;  // A damaged page.
    return absl::OkStatus();
  }));
  batch.events = run.Take();
  return batch;
}

absl::StatusOr<std::string> SqliteEventLog::ReadRaw(uint64_t seq) {
  std::string raw;
  RETURN_IF_ERROR(store_.Read([&](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(raw, SelectRaw(connection, seq));
    return absl::OkStatus();
  }));
  return raw;
}

absl::Status SqliteEventLog::AwaitReceivedBefore(int64_t micros) {
  const absl::Status status = store_.Write([this, micros](Transaction&) {
    last_received_micros_ = std::max(last_received_micros_, micros);
    return absl::OkStatus();
  });
  // A store that writes nothing more gets no events either.
  return absl::IsResourceExhausted(status) ? status : absl::OkStatus();
}

absl::StatusOr<uint64_t> SqliteEventLog::PositionAt(absl::Time time) {
  const int64_t micros = CeilMicros(time);
  RETURN_IF_ERROR(
      AwaitReceivedBefore(std::min(micros, absl::ToUnixMicros(clock_.Now()))));
  const uint64_t head = Head();
  uint64_t low = head + 1;
  RETURN_IF_ERROR(store_.Read([&](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(std::optional<ReceivedAt> event,
                     SelectReceived(connection, 0));
    if (event.has_value()) low = std::min(low, event->seq);
    // The first event at `time` or later, or the head's successor, is in
    // [low, high].
    uint64_t high = head + 1;
    while (low < high) {
      const uint64_t middle = low + (high - low) / 2;
      const auto probe = SelectReceived(connection, middle);
      if (absl::IsDataLoss(probe.status())) {
        // Who begins behind a damaged page must not be stopped by it.
        low = middle + 1;
        continue;
      }
      ASSIGN_OR_RETURN(event, probe);
      if (event.has_value() && event->micros < micros) {
        low = event->seq + 1;
      } else {
        high = middle;
      }
    }
    return absl::OkStatus();
  }));
  return std::min(low, head + 1) - 1;
}

}  // namespace chatgate
