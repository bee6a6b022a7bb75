#ifndef CHATGATE_SERVER_SERVICE_SUBSCRIBE_REACTOR_H_
#define CHATGATE_SERVER_SERVICE_SUBSCRIBE_REACTOR_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "chatgate/v1/chat_service.pb.h"
#include "server/backend/snapshot_source.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/event_log/event_log.h"
#include "server/hub/hub.h"
#include "server/rpc/server_stream.h"
#include "server/service/reader_pool.h"
#include "server/service/response_builder.h"
#include "server/service/stream_registry.h"
#include "server/subscription/event_filter.h"

namespace chatgate {

// What every stream works with. All of it outlives every stream.
struct StreamWorld {
  EventLog& log;
  Hub& hub;
  ReaderPool& readers;
  SnapshotSource* snapshots;  // Null: there are none.
  ReaderPool& snapshot_taker;
  StreamRegistry& registry;
  const Clock& clock;
  absl::Duration heartbeat_interval;
  absl::Duration stream_age_max;
  size_t batch_events_max;
};

// SubscribeReactor is one stream: a position, a filter and at most one write.
// It pulls: what comes next is read from the log when the last write is done,
// so a reader that stops costs one response of memory.
//
// At any time exactly one thing is under way, which `State` names. Whatever
// ends it takes the turn, looks for what to do next and hands the turn on;
// members without a guard belong to who has the turn. Only a cancellation comes
// from outside: it leaves a mark, and takes the turn itself if the stream
// waits.
//
// Lifetime: owns itself until OnDone; waiters and reading tasks share it.
class SubscribeReactor final
    : public ServerStream::Listener,
      public std::enable_shared_from_this<SubscribeReactor> {
 public:
  // Starts on a stream that `world.registry` has counted for `caller`.
  // `position` unset: begin at `request.start_time`, or with a snapshot.
  // `snapshot_slot` is held until the snapshot has been read.
  static void Start(const StreamWorld& world, ServerStream& stream,
                    std::string caller, EventFilter filter,
                    const v1::SubscribeRequest& request,
                    std::optional<uint64_t> position,
                    std::shared_ptr<void> snapshot_slot);

 private:
  enum class State {
    kStepping,  // Some thread has the turn.
    kWriting,   // A write is outstanding; OnWriteDone takes the turn.
    kReading,   // Queued for a reading thread, which takes the turn.
    kWaiting,   // The hub has a waiter, which takes the turn.
    kFinished,  // Finish was called; nobody has the turn again.
  };
  enum class Thread { kCallback, kReader };

  SubscribeReactor(const StreamWorld& world, ServerStream& stream,
                   std::string caller, EventFilter filter,
                   const v1::SubscribeRequest& request);

  // Each takes the turn.
  void OnWriteDone(bool ok) override;
  void OnWake(Hub::Wake wake, bool gathered);
  void OnReader();
  void OnSnapshotTaker();
  void OnCancel() override ABSL_LOCKS_EXCLUDED(mu_);
  void OnDone() override;

  // Each has the turn and hands it on.
  void Step(Thread thread);
  void Wait();
  void Gather();
  void WaitFor(uint64_t position, absl::Duration timeout, bool gather)
      ABSL_LOCKS_EXCLUDED(mu_);
  void Queue(ReaderPool& pool, void (SubscribeReactor::*on_reader)());
  void QueueReading() { Queue(world_.readers, &SubscribeReactor::OnReader); }
  void WriteHeartbeat();
  void Write(const v1::SubscribeResponse& tail);
  void WritePiece();
  void WriteReconnect(const std::string& reason);
  void End(const absl::Status& status);

  // Reads a batch and moves the position over it. True when there is something
  // to write: events in `builder_`, or a gap in `tail`.
  absl::StatusOr<bool> Read(v1::SubscribeResponse* tail);
  absl::StatusOr<bool> Add(const std::shared_ptr<const EventRecord>& record);

  // False when the stream was cancelled.
  bool EnterState(State state) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Duration UntilHeartbeat() const;
  absl::Duration Age() const;
  std::string Cursor() const;

  const StreamWorld world_;
  ServerStream& stream_;  // Lives until OnDone.
  const std::string caller_;
  const EventFilter filter_;
  const bool include_raw_;
  const absl::Duration batch_delay_;  // How long events may wait for others.
  const std::chrono::steady_clock::time_point begin_;
  const absl::Duration age_max_;

  // These belong to who has the turn.
  std::optional<absl::Time> start_time_;  // Until the position is known.
  uint64_t position_ = 0;                // Last event delivered or passed over.
  std::shared_ptr<void> snapshot_slot_;  // Until the snapshot is read.
  std::unique_ptr<SnapshotFile> snapshot_;  // Between taken and read.
  ResponseBuilder builder_;
  std::chrono::steady_clock::time_point last_write_;
  bool gathered_ = false;  // What there is has waited long enough.

  std::shared_ptr<SubscribeReactor> self_;  // Until OnDone.

  Mutex mu_;
  State state_ ABSL_GUARDED_BY(mu_) = State::kStepping;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t waits_ ABSL_GUARDED_BY(mu_) = 0;  // Which wait a ticket belongs to.
  std::optional<Hub::Ticket> ticket_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_SUBSCRIBE_REACTOR_H_
