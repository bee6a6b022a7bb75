// What a stream reads: events, and before them a snapshot. subscribe_reactor.cc
// has whose turn it is.
#include <algorithm>
#include <utility>

#include "server/base/status_macros.h"
#include "server/event_log/cursor.h"
#include "server/service/subscribe_reactor.h"

namespace chatgate {

void SubscribeReactor::OnSnapshotTaker() {
  if (!EnterState(State::kStepping)) {
    return End(absl::CancelledError("the client is gone"));
  }
  // Others may have been taken before it, for seconds.
  if (world_.registry.stopping()) return Step(Thread::kReader);
  absl::StatusOr<std::unique_ptr<SnapshotFile>> snapshot =
      world_.snapshots->TakeSnapshot(
          {.app_ids = filter_.app_ids(),
           .wanted = [this](const std::string& conversation,
                            const std::string& user_id) {
             return filter_.MatchesConversation(conversation, user_id);
           }});
  if (!snapshot.ok()) return End(snapshot.status());
  snapshot_ = *std::move(snapshot);
  position_ = snapshot_->seq();
  Step(Thread::kReader);
}

void SubscribeReactor::WritePiece() {
  absl::StatusOr<std::string> piece = snapshot_->Next();
  if (!piece.ok()) return End(piece.status());
  v1::Snapshot rest;
  rest.set_total(snapshot_->total());
  rest.set_done(snapshot_->AtEnd());
  builder_.AddSnapshot(*std::move(piece), rest);
  if (rest.done()) {
    snapshot_ = nullptr;
    snapshot_slot_ = nullptr;
  }
  v1::SubscribeResponse tail;
  tail.set_cursor(EncodeCursor({world_.log.Epoch(), position_}));
  last_write_ = std::chrono::steady_clock::now();
  EnterState(State::kWriting);
  stream_.Write(builder_.Finish(tail));
}

absl::StatusOr<bool> SubscribeReactor::Read(v1::SubscribeResponse* tail) {
  ASSIGN_OR_RETURN(const EventBatch batch,
                   world_.log.ReadAfter(position_, world_.batch_events_max,
                                        kResponseBytesMax));
  if (batch.lost.has_value()) {
    tail->mutable_gap()->set_first_seq(batch.lost->first_seq);
    tail->mutable_gap()->set_last_seq(batch.lost->last_seq);
    position_ = batch.lost->last_seq;
    return true;
  }
  if (batch.position <= position_) {
    return absl::InternalError("the log has no event where it must have one");
  }
  for (const std::shared_ptr<const EventRecord>& record : batch.events) {
    if (filter_.Matches(record->traits)) {
      ASSIGN_OR_RETURN(const bool added, Add(record));
      // The rest is read again, after a write where there is something.
      if (!added) return !builder_.empty();
    }
    position_ = record->seq;
  }
  position_ = std::max(position_, batch.position);
  return !builder_.empty();
}

absl::StatusOr<bool> SubscribeReactor::Add(
    const std::shared_ptr<const EventRecord>& record) {
  if (!include_raw_) return builder_.Add(record);
  const absl::StatusOr<std::string> raw = world_.log.ReadRaw(record->seq);
  // Gone in between: the next read tells of the gap.
  if (absl::IsNotFound(raw.status())) return false;
  RETURN_IF_ERROR(raw.status());
  return builder_.AddCopy(SliceWithRaw(*record, *raw));
}

}  // namespace chatgate
