// What a stream reads: events, and before them a snapshot. subscribe_stream.cc
// has whose turn it is.
#include <algorithm>
#include <utility>

#include "server/base/status_macros.h"
#include "server/event_log/cursor.h"
#include "server/service/subscribe_stream.h"

namespace chatgate {
absl::Status SubscribeStream::FindStart() {
  ASSIGN_OR_RETURN(position_, world_.log.PositionAt(*start_time_));
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SubscribeStream::TakeSnapshot() {
  const auto given_up = [this] {
    return cancelled_ || world_.registry.stopping() || snapshot_->ended();
  };
  // Others may have been taken before it, for seconds.
  if (given_up()) return 0;
  absl::StatusOr<std::unique_ptr<SnapshotFile>> file =
      world_.snapshots->TakeSnapshot(
          {.app_ids = filter_.app_ids(),
           .wanted =
               [this](const std::string& conversation,
                      const std::string& user_id) {
                 return filter_.MatchesConversation(conversation, user_id);
               },
           .given_up = given_up});
  // Step looks at why.
  if (absl::IsCancelled(file.status())) return 0;
  RETURN_IF_ERROR(file.status());
  const uint64_t position = (*file)->seq();
  snapshot_->SetFile(*std::move(file));
  return position;
}

absl::Status SubscribeStream::ReadPiece() {
  ASSIGN_OR_RETURN(SnapshotReading::Piece piece, snapshot_->Next());
  v1::Snapshot rest;
  rest.set_total(piece.total);
  rest.set_done(piece.done);
  builder_.AddSnapshot(std::move(piece.bytes), rest);
  tail_.set_cursor(EncodeCursor(world_.log.CursorAt(position_)));
  if (rest.done()) snapshot_ = nullptr;
  return absl::OkStatus();
}

absl::Status SubscribeStream::ReadStored() {
  const uint64_t head = world_.log.Head();
  const size_t events_max =
      include_raw_ ? world_.batch_events_max : world_.stored_events_max;
  // While others wait for their turn, one is enough.
  for (int batches = 0;
       position_ < head && !HasSomething() && !cancelled_ &&
       batches < (world_.readers.HasWaiting() ? 1 : kBatchesAtATime);
       ++batches) {
    ASSIGN_OR_RETURN(
        const EventBatch batch,
        world_.log.ReadAfter(position_, events_max, kResponseBytesMax));
    RETURN_IF_ERROR(Take(batch));
  }
  return absl::OkStatus();
}

absl::Status SubscribeStream::Take(const EventBatch& batch) {
  if (batch.lost.has_value()) {
    tail_.mutable_gap()->set_first_seq(batch.lost->first_seq);
    tail_.mutable_gap()->set_last_seq(batch.lost->last_seq);
    position_ = batch.lost->last_seq;
    return absl::OkStatus();
  }
  if (batch.position <= position_) {
    return absl::InternalError("the log has no event where it must have one");
  }
  for (const std::shared_ptr<const EventRecord>& record : batch.events) {
    if (filter_.Matches(record->traits)) {
      ASSIGN_OR_RETURN(const bool added, Add(record));
      // The rest is read again, after a write where there is something.
      if (!added) return absl::OkStatus();
    }
    position_ = record->seq;
  }
  position_ = std::max(position_, batch.position);
  return absl::OkStatus();
}

absl::StatusOr<bool> SubscribeStream::Add(
    const std::shared_ptr<const EventRecord>& record) {
  if (!include_raw_) return builder_.Add(record);
  const absl::StatusOr<std::string> raw = world_.log.ReadRaw(record->seq);
  // Gone in between: the next read tells of the gap.
  if (absl::IsNotFound(raw.status())) return false;
  // What stands before a damaged one goes out first.
  if (absl::IsDataLoss(raw.status()) && HasSomething()) return false;
  RETURN_IF_ERROR(raw.status());
  return builder_.AddCopy(SliceWithRaw(*record, *raw));
}

}  // namespace chatgate
