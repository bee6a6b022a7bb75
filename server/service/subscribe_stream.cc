#include "server/service/subscribe_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/event_log/cursor.h"
#include "server/service/errors.h"
#include "server/subscription/jitter.h"
#include "server/subscription/timestamp.h"

namespace chatgate {
namespace {

constexpr char kStopping[] = "the gateway is stopping";
constexpr absl::Duration kBatchDelayMax = absl::Seconds(1);
constexpr absl::Duration kReconnectDelay = absl::Seconds(1);
constexpr absl::Duration kAgeUnit = absl::Milliseconds(1);
constexpr uint64_t kNoPosition = UINT64_MAX;  // That a head comes to.

}  // namespace

void SubscribeStream::Start(const StreamWorld& world, StreamPlace& place,
                            ServerStream& stream, std::string caller,
                            EventFilter filter,
                            const v1::SubscribeRequest& request,
                            std::optional<uint64_t> position,
                            std::shared_ptr<SnapshotReading> snapshot) {
  std::shared_ptr<SubscribeStream> reactor(new SubscribeStream(
      world, place, stream, std::move(caller), std::move(filter), request));
  SubscribeStream* raw = reactor.get();
  raw->self_ = std::move(reactor);
  stream.SetListener(raw);
  raw->snapshot_ = std::move(snapshot);
  if (raw->snapshot_ == nullptr && !position.has_value()) {
    raw->start_time_ = ToTime(request.start_time());
    return raw->Submit(world.readers, &SubscribeStream::FindStart,
                       ReaderPool::Turn::kFirst);
  }
  raw->position_ = position.value_or(0);
  raw->WriteHeartbeat();
}

SubscribeStream::SubscribeStream(const StreamWorld& world, StreamPlace& place,
                                 ServerStream& stream, std::string caller,
                                 EventFilter filter,
                                 const v1::SubscribeRequest& request)
    : world_(world),
      place_(place),
      stream_(stream),
      caller_(std::move(caller)),
      filter_(std::move(filter)),
      include_raw_(request.include_raw()),
      shares_(!include_raw_ && filter_.MatchesEverything()),
      batch_delay_(std::min(ToDuration(request.batch_delay()), kBatchDelayMax)),
      begin_(std::chrono::steady_clock::now()),
      age_max_(Jittered(world.stream_age_max)) {}

void SubscribeStream::OnWriteDone(bool ok) {
  if (!ok) cancelled_ = true;
  if (snapshot_ != nullptr && !cancelled_) {
    const absl::Status in_time = snapshot_->EndWrite();
    if (!in_time.ok()) return End(in_time);
  }
  Step();
}

void SubscribeStream::OnWake(Hub::Wake wake) {
  const bool gathered = gathers_;
  // What has come meanwhile has waited long enough, in however many responses.
  if (gathered) gathered_to_ = world_.log.Head();
  switch (wake) {
    case Hub::Wake::kHead:
      return Step();
    case Hub::Wake::kTimeout:
      if (taking_) return WriteHeartbeat();
      if (gathered || Age() >= age_max_) return Step();
      return WriteHeartbeat();
    case Hub::Wake::kClosed:
      return WriteReconnect(kStopping);
  }
}

void SubscribeStream::OnRead(const absl::Status& status) {
  if (!status.ok()) return End(status);
  if (cancelled_) return Step();
  if (start_time_.has_value()) {
    start_time_.reset();
    return WriteHeartbeat();
  }
  if (HasSomething()) return WriteEvents();
  // A filter that lets nothing through may read for long: it still shows that
  // it lives, and lets others read in between, for whom it may have to wait.
  if (UntilHeartbeat() <= world_.heartbeat_interval / 2) {
    return WriteHeartbeat();
  }
  Step();
}

// The stream may sleep or write meanwhile.
void SubscribeStream::OnTaken(const absl::StatusOr<uint64_t>& position) {
  taking_ = false;
  if (ending_.ok()) ending_ = position.status();
  if (position.ok()) position_ = *position;
  if (state_ == State::kWriting) return;  // Its end will look.
  if (state_ == State::kSleeping) place_.hub.Forget(*this);
  Step();
}

void SubscribeStream::OnCancel() {
  cancelled_ = true;
  if (state_ != State::kSleeping) return;
  place_.hub.Forget(*this);
  Step();
}

void SubscribeStream::OnDone() {
  place_.hub.Forget(*this);
  // Closing a large file takes a disk a moment.
  if (snapshot_ != nullptr) {
    (void)world_.readers.Submit([snapshot = std::move(snapshot_)] {});
  }
  world_.registry.Remove(caller_);
  const std::shared_ptr<SubscribeStream> self = std::move(self_);
}

void SubscribeStream::Step() {
  state_ = State::kStepping;
  for (int looked = 0;; ++looked) {
    if (cancelled_) return End(absl::CancelledError("the client is gone"));
    if (!ending_.ok()) return End(ending_);
    if (world_.registry.stopping()) return WriteReconnect(kStopping);
    // A snapshot is read to its end, or it would have to be begun anew.
    if (const absl::Duration age = Age();
        age >= age_max_ && snapshot_ == nullptr) {
      return WriteReconnect(absl::StrCat(
          "the stream is ", absl::FormatDuration(absl::Trunc(age, kAgeUnit)),
          " old"));
    }
    if (snapshot_ != nullptr) {
      // Its file may be there before OnTaken is.
      if (taking_) return Sleep();
      return snapshot_->has_file()
                 ? Submit(world_.readers, &SubscribeStream::ReadPiece)
                 : BeginSnapshot();
    }
    const uint64_t head = world_.log.Head();
    gathers_ = batch_delay_ > absl::ZeroDuration() &&
               position_ >= gathered_to_ && position_ < head &&
               head - position_ < world_.batch_events_max;
    if (position_ >= head || gathers_) return Sleep();
    if (WriteShared(head)) return;
    std::optional<EventBatch> recent;
    // Where a filter lets little through, others have their turn.
    if (!include_raw_ && looked < kBatchesAtATime) {
      recent = world_.log.ReadRecent(position_, world_.batch_events_max,
                                     kResponseBytesMax);
    }
    if (!recent.has_value()) {
      return Submit(world_.readers, &SubscribeStream::ReadStored);
    }
    const uint64_t from = position_;
    const absl::Status taken = Take(*recent);
    if (!taken.ok()) return End(taken);
    if (HasSomething()) {
      if (!shares_) return WriteEvents();
      place_.last = {.from = from,
                     .to = position_,
                     .full = position_ < head,
                     .bytes = FinishEvents()};
      return Write(place_.last.bytes);
    }
    if (UntilHeartbeat() <= absl::ZeroDuration()) return WriteHeartbeat();
  }
}

// For the next event, until the stream has to speak; or for so many that they
// fill a response, but not for long.
void SubscribeStream::Sleep() {
  state_ = State::kSleeping;
  if (taking_) {
    place_.hub.Sleep(*this, kNoPosition, UntilHeartbeat());
  } else if (gathers_) {
    place_.hub.Sleep(*this, position_ + world_.batch_events_max - 1,
                     batch_delay_);
  } else {
    place_.hub.Sleep(*this, position_,
                     std::min(UntilHeartbeat(), age_max_ - Age()));
  }
}

void SubscribeStream::Submit(ReaderPool& pool, Reading reading,
                             ReaderPool::Turn turn) {
  state_ = State::kReading;
  const bool taken = pool.Submit(
      [self = shared_from_this(), reading] {
        const absl::Status status = ((*self).*reading)();
        self->stream_.Run([self, status] { self->OnRead(status); });
      },
      turn);
  if (!taken) {
    End(ServiceError(Reason::kOverloaded, "too many streams read old events"));
  }
}

// Others may be taken before it, for seconds.
void SubscribeStream::BeginSnapshot() {
  taking_ = true;
  if (!world_.snapshot_taker.Submit([self = shared_from_this()] {
        const absl::StatusOr<uint64_t> position = self->TakeSnapshot();
        self->stream_.Run([self, position] { self->OnTaken(position); });
      })) {
    taking_ = false;
    return End(
        ServiceError(Reason::kOverloaded, "too many snapshots are taken"));
  }
  Sleep();
}

bool SubscribeStream::AwaitsTaken() {
  if (taking_) state_ = State::kReading;
  return taking_;
}

void SubscribeStream::WriteHeartbeat() {
  const uint64_t head = std::max(world_.log.Head(), position_);
  v1::SubscribeResponse response;
  response.mutable_heartbeat()->set_head(head);
  response.mutable_heartbeat()->set_lag(head - position_);
  *response.mutable_heartbeat()->mutable_time() =
      ToTimestamp(world_.clock.Now());
  response.set_cursor(Cursor());
  Write(builder_.Finish(response));
}

bool SubscribeStream::WriteShared(uint64_t head) {
  const SharedResponse& last = place_.last;
  if (!shares_ || last.to == 0 || last.from != position_) return false;
  // What was deleted counts as gone, though it is still here.
  if (position_ + 1 < world_.log.Tail()) return false;
  // There is more than somebody else could see.
  if (!last.full && last.to != head) return false;
  position_ = last.to;
  Write(last.bytes);
  return true;
}

grpc::ByteBuffer SubscribeStream::FinishEvents() {
  if (tail_.cursor().empty()) tail_.set_cursor(Cursor());
  grpc::ByteBuffer response = builder_.Finish(tail_);
  tail_.Clear();
  return response;
}

void SubscribeStream::Write(const grpc::ByteBuffer& response) {
  last_write_ = std::chrono::steady_clock::now();
  state_ = State::kWriting;
  if (snapshot_ != nullptr) snapshot_->BeginWrite();
  stream_.Write(response);
}

// The last response, with status OK: the client comes again with its cursor.
void SubscribeStream::WriteReconnect(const std::string& reason) {
  if (AwaitsTaken()) return;
  v1::SubscribeResponse response;
  response.mutable_reconnect()->set_reason(reason);
  *response.mutable_reconnect()->mutable_delay() =
      ToProtoDuration(Jittered(kReconnectDelay));
  response.set_cursor(Cursor());
  state_ = State::kFinished;
  stream_.WriteAndFinish(builder_.Finish(response), grpc::Status::OK);
}

void SubscribeStream::End(const absl::Status& status) {
  if (AwaitsTaken()) {
    ending_ = status;
    return;
  }
  state_ = State::kFinished;
  stream_.Finish(ToGrpcStatus(status));
}

absl::Duration SubscribeStream::UntilHeartbeat() const {
  return world_.heartbeat_interval -
         absl::FromChrono(std::chrono::steady_clock::now() - last_write_);
}

absl::Duration SubscribeStream::Age() const {
  return absl::FromChrono(std::chrono::steady_clock::now() - begin_);
}

std::string SubscribeStream::Cursor() const {
  // With half a snapshot nothing could go on: who comes again begins anew.
  if (snapshot_ != nullptr) return "";
  return EncodeCursor(world_.log.CursorAt(position_));
}

}  // namespace chatgate
