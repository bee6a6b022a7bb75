#ifndef CHATGATE_SERVER_EVENT_LOG_SQLITE_EVENT_LOG_H_
#define CHATGATE_SERVER_EVENT_LOG_SQLITE_EVENT_LOG_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/event_log/epochs.h"
#include "server/event_log/event_draft.h"
#include "server/event_log/event_log.h"
#include "server/event_log/event_tables.h"
#include "server/event_log/recent_events.h"
#include "server/event_log/unpublished_events.h"
#include "server/store/store.h"

namespace chatgate {

struct SqliteEventLogOptions {
  size_t ring_bytes = 64 << 20;          // Memory for the newest events.
  size_t waiting_bytes_max = 128 << 20;  // Of events that wait to be written.
};

// The event log in a Store that was opened with EventLogSchema().
//
//   ASSIGN_OR_RETURN(auto log, SqliteEventLog::Open(*store, clock, {}));
//   log->AddParticipant(*platform);
//
// Lifetime: the clock outlives the log. The store ends before the log, because
//           works that wait there may append; where it ends later instead, no
//           such work may wait. The destructor waits for Append alone.
class SqliteEventLog final : public EventLog {
 public:
  static absl::StatusOr<std::unique_ptr<SqliteEventLog>> Open(
      Store& store, const Clock& clock, const SqliteEventLogOptions& options);
  ~SqliteEventLog() override ABSL_LOCKS_EXCLUDED(appends_mu_);

  // Before the first Append. `participant` outlives the log.
  void AddParticipant(AppendParticipant& participant);

  // Deletes the oldest events up to `last_seq`, at most `events_max` of them,
  // and moves the tail behind them. Waits for the store's writer.
  absl::Status Trim(uint64_t last_seq, size_t events_max);

  void Append(NewEvent event, Done done) override
      ABSL_LOCKS_EXCLUDED(appends_mu_);
  absl::StatusOr<uint64_t> AppendInTransaction(Transaction& transaction,
                                               NewEvent event) override;
  absl::StatusOr<EventBatch> ReadAfter(uint64_t position, size_t events_max,
                                       size_t bytes_max) override;
  absl::StatusOr<EventBatch> ReadBack(uint64_t position, size_t events_max,
                                      size_t bytes_max) override;
  std::optional<EventBatch> ReadRecent(uint64_t position, size_t events_max,
                                       size_t bytes_max) const override;
  absl::StatusOr<std::string> ReadRaw(uint64_t seq) override;
  absl::StatusOr<uint64_t> PositionAt(absl::Time time) override;
  uint64_t Head() const override;
  uint64_t Tail() const override;
  uint64_t EpochAt(uint64_t seq) const override;
  void OnHead(std::function<void(uint64_t head)> listener) override
      ABSL_LOCKS_EXCLUDED(listener_mu_);

 private:
  struct Pending;

  SqliteEventLog(Store& store, const Clock& clock,
                 const SqliteEventLogOptions& options,
                 const EventLogState& state, Epochs epochs);

  bool BeginAppend(size_t bytes) ABSL_LOCKS_EXCLUDED(appends_mu_);
  void EndAppend(size_t bytes) ABSL_LOCKS_EXCLUDED(appends_mu_);

  // On the writer thread, inside a transaction.
  absl::StatusOr<Appended> Place(Transaction& transaction, EventDraft& draft);
  absl::StatusOr<EventPlace> ChoosePlace(Transaction& transaction,
                                         const EventDraft& draft);
  // With the first event that is appended: who appends nothing needs no epoch.
  absl::Status StoreEpoch(Transaction& transaction);
  // Into the tables and `unpublished_`, or into neither.
  absl::Status Insert(Transaction& transaction, const EventDraft& draft,
                      const EventPlace& place);
  void Follow(Transaction& transaction);
  // On the writer thread, after the commit.
  void Publish() ABSL_LOCKS_EXCLUDED(listener_mu_);

  void RaiseTail(uint64_t tail);
  // Waits for what was received earlier and is not stored yet; what is stored
  // from then on was received then or later.
  absl::Status AwaitReceivedBefore(int64_t micros);
  absl::StatusOr<EventBatch> ReadStored(uint64_t position, uint64_t head,
                                        size_t events_max, size_t bytes_max);

  Store& store_;        // Used while anything is read or appended.
  const Clock& clock_;  // Outlives this.
  const SqliteEventLogOptions options_;
  const Epochs epochs_;
  std::vector<AppendParticipant*> participants_;  // Each outlives this.

  // Touched by the writer thread alone.
  bool epoch_stored_ = false;
  uint64_t next_seq_;
  int64_t last_received_micros_;
  // Of the open transaction; published together after its commit.
  UnpublishedEvents unpublished_;

  RecentEvents recent_;
  std::atomic<uint64_t> tail_;

  Mutex appends_mu_;
  CondVar appends_ended_;
  size_t appends_ ABSL_GUARDED_BY(appends_mu_) = 0;
  size_t waiting_bytes_ ABSL_GUARDED_BY(appends_mu_) = 0;

  Mutex listener_mu_;  // Never held together with appends_mu_.
  CondVar listener_returned_;
  bool listener_runs_ ABSL_GUARDED_BY(listener_mu_) = false;
  std::function<void(uint64_t)> listener_ ABSL_GUARDED_BY(listener_mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_SQLITE_EVENT_LOG_H_
