#include "server/event_log/sqlite_event_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {

// An Append between its call and its Done.
struct SqliteEventLog::Pending {
  SqliteEventLog* log;
  EventDraft draft;
  Done done;
  Appended result;
  size_t bytes = 0;
};

absl::StatusOr<std::unique_ptr<SqliteEventLog>> SqliteEventLog::Open(
    Store& store, const Clock& clock, const SqliteEventLogOptions& options) {
  RETURN_IF_ERROR(store.Write(EnsureLog));
  EventLogState state;
  RETURN_IF_ERROR(store.Read([&](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(state, ReadState(connection));
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const uint64_t epoch,
                   MakeNextEpoch(state.epochs.front().epoch));
  state.epochs.push_back({.first_seq = state.head + 1, .epoch = epoch});
  Epochs epochs(std::move(state.epochs));
  return std::unique_ptr<SqliteEventLog>(
      new SqliteEventLog(store, clock, options, state, std::move(epochs)));
}

SqliteEventLog::SqliteEventLog(Store& store, const Clock& clock,
                               const SqliteEventLogOptions& options,
                               const EventLogState& state, Epochs epochs)
    : store_(store),
      clock_(clock),
      options_(options),
      epochs_(std::move(epochs)),
      next_seq_(state.head + 1),
      last_received_micros_(state.last_received_micros),
      recent_(state.head, options.ring_bytes),
      tail_(state.tail) {}

SqliteEventLog::~SqliteEventLog() {
  MutexLock lock(appends_mu_);
  while (appends_ > 0) appends_ended_.Wait(appends_mu_);
}

void SqliteEventLog::AddParticipant(AppendParticipant& participant) {
  participants_.push_back(&participant);
}

bool SqliteEventLog::BeginAppend(size_t bytes) {
  MutexLock lock(appends_mu_);
  if (waiting_bytes_ + bytes > options_.waiting_bytes_max) return false;
  waiting_bytes_ += bytes;
  ++appends_;
  return true;
}

void SqliteEventLog::EndAppend(size_t bytes) {
  MutexLock lock(appends_mu_);
  waiting_bytes_ -= bytes;
  --appends_;
  // With the lock, because the log may be gone once it is free.
  if (appends_ == 0) appends_ended_.SignalAll();
}

void SqliteEventLog::Append(NewEvent event, Done done) {
  absl::StatusOr<EventDraft> draft =
      MakeEventDraft(std::move(event), clock_.Now());
  if (!draft.ok()) return done(draft.status());
  // Only participants look at the message. Freed here, and not by the writer.
  if (participants_.empty()) draft->event = nullptr;
  const size_t bytes = draft->body.size() + draft->raw.size();
  if (!BeginAppend(bytes)) {
    return done(absl::ResourceExhaustedError(absl::StrCat(
        "over ", options_.waiting_bytes_max, " bytes of events wait already")));
  }
  // The store's Done comes once, whatever happens, and owns it: a bare pointer
  // needs no room of its own in either function.
  auto* const pending = new Pending{this, *std::move(draft), std::move(done),
                                    /*result=*/{}, bytes};
  // Placing twice is placing once: only the last place is kept.
  store_.SubmitRepeatable(
      [pending](Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(pending->result,
                         pending->log->Place(transaction, pending->draft));
        return absl::OkStatus();
      },
      [pending](absl::Status status) {
        const std::unique_ptr<Pending> owned(pending);
        if (status.ok()) {
          owned->done(owned->result);
        } else {
          owned->done(std::move(status));
        }
        owned->log->EndAppend(owned->bytes);
      });
}

absl::StatusOr<uint64_t> SqliteEventLog::AppendInTransaction(
    Transaction& transaction, NewEvent event) {
  ASSIGN_OR_RETURN(EventDraft draft,
                   MakeEventDraft(std::move(event), clock_.Now()));
  ASSIGN_OR_RETURN(const Appended appended, Place(transaction, draft));
  return appended.seq;
}

absl::StatusOr<Appended> SqliteEventLog::Place(Transaction& transaction,
                                               EventDraft& draft) {
  ASSIGN_OR_RETURN(const EventPlace place, ChoosePlace(transaction, draft));
  const uint64_t seq = place.cursor.seq;
  if (seq != next_seq_) return Appended{.seq = seq, .duplicate = true};
  RETURN_IF_ERROR(StoreEpoch(transaction));
  RETURN_IF_ERROR(Insert(transaction, draft, place));
  last_received_micros_ = place.received_micros;
  Follow(transaction);
  if (participants_.empty()) return Appended{.seq = seq};
  SetPlace(place, *draft.event);
  for (AppendParticipant* participant : participants_) {
    RETURN_IF_ERROR(participant->OnAppend(transaction, *draft.event));
  }
  return Appended{.seq = seq};
}

absl::Status SqliteEventLog::StoreEpoch(Transaction& transaction) {
  if (epoch_stored_) return absl::OkStatus();
  transaction.OnCommit([this] { epoch_stored_ = true; });
  return InsertEpoch(transaction, {.first_seq = epochs_.last_first_seq(),
                                   .epoch = epochs_.last()});
}

absl::Status SqliteEventLog::Insert(Transaction& transaction,
                                    const EventDraft& draft,
                                    const EventPlace& place) {
  const uint64_t seq = place.cursor.seq;
  absl::Status status = InsertEvent(transaction, seq, place.received_micros,
                                    unpublished_.Add(draft, place));
  if (status.ok() && !draft.raw.empty()) {
    status = InsertRaw(transaction, seq, draft.raw);
  }
  if (!status.ok()) unpublished_.RemoveLast();
  return status;
}

// The next place, or that of the event which `draft` repeats.
absl::StatusOr<EventPlace> SqliteEventLog::ChoosePlace(
    Transaction& transaction, const EventDraft& draft) {
  EventPlace place;
  place.cursor = CursorAt(next_seq_);
  place.received_micros =
      std::max(absl::ToUnixMicros(draft.received), last_received_micros_);
  if (draft.key.has_value()) {
    ASSIGN_OR_RETURN(place.cursor.seq,
                     ClaimKey(transaction, *draft.key, next_seq_));
  } else if (draft.content_fingerprint.has_value()) {
    ASSIGN_OR_RETURN(const uint64_t first,
                     ClaimFingerprint(transaction, draft.record->traits.app_id,
                                      *draft.content_fingerprint, next_seq_));
    if (first != next_seq_) {
      place.possible_duplicate_of = EncodeEventId(CursorAt(first));
    }
  }
  return place;
}

// Moves the state in memory with the transaction, back too where it is undone.
void SqliteEventLog::Follow(Transaction& transaction) {
  transaction.OnRollback([this] {
    unpublished_.RemoveLast();
    --next_seq_;
  });
  // One hook publishes the whole group. That of a work which fails is
  // forgotten, but so are then all events up to here.
  if (unpublished_.size() == 1) transaction.OnCommit([this] { Publish(); });
  ++next_seq_;
}

void SqliteEventLog::Publish() {
  const uint64_t head = next_seq_ - 1;
  recent_.Add(unpublished_.Take());
  std::function<void(uint64_t)> listener;
  {
    MutexLock lock(listener_mu_);
    if (!listener_) return;
    listener = listener_;
    listener_runs_ = true;
  }
  listener(head);
  MutexLock lock(listener_mu_);
  listener_runs_ = false;
  listener_returned_.SignalAll();
}

void SqliteEventLog::OnHead(std::function<void(uint64_t head)> listener) {
  MutexLock lock(listener_mu_);
  while (listener_runs_) listener_returned_.Wait(listener_mu_);
  listener_ = std::move(listener);
}

uint64_t SqliteEventLog::Head() const { return recent_.head(); }
uint64_t SqliteEventLog::Tail() const { return tail_; }
uint64_t SqliteEventLog::EpochAt(uint64_t seq) const { return epochs_.At(seq); }

}  // namespace chatgate
