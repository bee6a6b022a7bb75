#ifndef CHATGATE_SERVER_SERVICE_SUBSCRIBE_STREAM_H_
#define CHATGATE_SERVER_SERVICE_SUBSCRIBE_STREAM_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "chatgate/v1/chat_service.pb.h"
#include "server/backend/snapshot_source.h"
#include "server/base/clock.h"
#include "server/event_log/event_log.h"
#include "server/rpc/server_stream.h"
#include "server/service/reader_pool.h"
#include "server/service/response_builder.h"
#include "server/service/snapshot_reading.h"
#include "server/service/stream_place.h"
#include "server/service/stream_registry.h"
#include "server/subscription/event_filter.h"

namespace chatgate {

// What every stream works with. All of it outlives every stream.
struct StreamWorld {
  EventLog& log;
  ReaderPool& readers;
  SnapshotSource* snapshots;  // Null: there are none.
  ReaderPool& snapshot_taker;
  StreamRegistry& registry;
  const Clock& clock;
  absl::Duration heartbeat_interval;
  absl::Duration stream_age_max;
  size_t batch_events_max;  // In a response.
  // In one that a reading thread makes without bodies. More, because each costs
  // two hand-overs between threads, in which nobody reads or writes.
  size_t stored_events_max;
};

// SubscribeStream is one stream: a position, a filter and at most one write.
// It pulls: what comes next is read from the log when the last write is done,
// so a reader that stops costs one response of memory.
//
// At any time exactly one thing is under way, which `State` names. Whatever
// ends it takes the turn, looks for what to do next and hands the turn on. Only
// a snapshot is taken beside that, because heartbeats go on meanwhile; and
// nothing ends before it is taken or given up, because it comes back to the
// stream.
//
// Threads:  its queue's; a reading thread has it while it reads.
// Lifetime: owns itself until OnDone; reading tasks share it.
class SubscribeStream final
    : public ServerStream::Listener,
      private StreamHub::Sleeper,
      public std::enable_shared_from_this<SubscribeStream> {
 public:
  // Starts on a stream that `world.registry` has counted for `caller`.
  // `place` is what the streams of its queue share.
  // `position` unset: begin at `request.start_time`, or with a snapshot.
  // `snapshot`, where there is one, comes before the events.
  static void Start(const StreamWorld& world, StreamPlace& place,
                    ServerStream& stream, std::string caller,
                    EventFilter filter, const v1::SubscribeRequest& request,
                    std::optional<uint64_t> position,
                    std::shared_ptr<SnapshotReading> snapshot);

 private:
  // Batches that a thread looks through for one stream, until others have their
  // turn.
  static constexpr int kBatchesAtATime = 8;

  enum class State {
    kStepping,  // Its turn.
    kWriting,   // A write is outstanding; OnWriteDone takes the turn.
    kReading,   // With a reading thread; OnRead or OnTaken takes the turn.
    kSleeping,  // OnWake takes the turn.
    kFinished,  // Finish was called; nobody has the turn again.
  };
  // What a reading thread does for it. Not OK: the stream ends so.
  using Reading = absl::Status (SubscribeStream::*)();

  SubscribeStream(const StreamWorld& world, StreamPlace& place,
                  ServerStream& stream, std::string caller, EventFilter filter,
                  const v1::SubscribeRequest& request);

  // Each takes the turn.
  void OnWriteDone(bool ok) override;
  void OnWake(Hub::Wake wake) override;
  void OnRead(const absl::Status& status);
  void OnTaken(const absl::StatusOr<uint64_t>& position);
  void OnCancel() override;
  void OnDone() override;

  // Each has the turn and hands it on.
  void Step();
  void Sleep();
  void Submit(ReaderPool& pool, Reading reading,
              ReaderPool::Turn turn = ReaderPool::Turn::kInLine);
  void BeginSnapshot();
  void WriteHeartbeat();
  void WriteEvents() { Write(FinishEvents()); }
  void Write(const grpc::ByteBuffer& response);
  void WriteReconnect(const std::string& reason);
  void End(const absl::Status& status);

  // True: the turn is OnTaken's, which comes soon.
  bool AwaitsTaken();

  // Writes what another stream at the same position has written. False: there
  // is nothing of the kind, and the turn is kept.
  bool WriteShared(uint64_t head);

  // A response of `builder_` and `tail_`, which are then empty.
  grpc::ByteBuffer FinishEvents();

  // On a reading thread.
  absl::Status FindStart();
  absl::StatusOr<uint64_t> TakeSnapshot();  // The position that it is of.
  absl::Status ReadPiece();
  absl::Status ReadStored();

  // Moves the position over a batch: what passes the filter goes to `builder_`,
  // a gap to `tail_`.
  absl::Status Take(const EventBatch& batch);
  absl::StatusOr<bool> Add(const std::shared_ptr<const EventRecord>& record);
  // There is something to write.
  bool HasSomething() const { return !builder_.empty() || tail_.has_gap(); }

  absl::Duration UntilHeartbeat() const;
  absl::Duration Age() const;
  std::string Cursor() const;

  const StreamWorld& world_;
  StreamPlace& place_;
  ServerStream& stream_;  // Lives until OnDone.
  const std::string caller_;
  const EventFilter filter_;
  const bool include_raw_;
  const bool shares_;                 // What it gets is what others get, too.
  const absl::Duration batch_delay_;  // How long events may wait for others.
  const std::chrono::steady_clock::time_point begin_;
  const absl::Duration age_max_;

  State state_ = State::kStepping;
  std::atomic<bool> cancelled_ = false;   // Set by the queue's thread alone.
  std::optional<absl::Time> start_time_;  // Until the position is known.
  uint64_t position_ = 0;  // Last event delivered or passed over.
  std::shared_ptr<SnapshotReading> snapshot_;  // Until it is read.
  bool taking_ = false;                        // OnTaken will be called.
  absl::Status ending_;  // Not OK: why it ends, as soon as it may.
  ResponseBuilder builder_;
  v1::SubscribeResponse tail_;  // Of the next response, but for its cursor.
  std::chrono::steady_clock::time_point last_write_;
  bool gathers_ = false;      // Sleeps until events are enough.
  uint64_t gathered_to_ = 0;  // What is before has waited long enough.

  std::shared_ptr<SubscribeStream> self_;  // Until OnDone.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_SUBSCRIBE_STREAM_H_
