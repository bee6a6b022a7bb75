#include "server/service/subscribe_reactor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
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

}  // namespace

void SubscribeReactor::Start(const StreamWorld& world, ServerStream& stream,
                             std::string caller, EventFilter filter,
                             const v1::SubscribeRequest& request,
                             std::optional<uint64_t> position,
                             std::shared_ptr<void> snapshot_slot) {
  std::shared_ptr<SubscribeReactor> reactor(new SubscribeReactor(
      world, stream, std::move(caller), std::move(filter), request));
  SubscribeReactor* raw = reactor.get();
  raw->self_ = reactor;
  stream.SetListener(raw);
  raw->snapshot_slot_ = std::move(snapshot_slot);
  if (raw->snapshot_slot_ != nullptr) {
    raw->WriteHeartbeat();
  } else if (position.has_value()) {
    raw->position_ = *position;
    raw->WriteHeartbeat();
  } else {
    raw->start_time_ = ToTime(request.start_time());
    raw->QueueReading();
  }
}

SubscribeReactor::SubscribeReactor(const StreamWorld& world,
                                   ServerStream& stream, std::string caller,
                                   EventFilter filter,
                                   const v1::SubscribeRequest& request)
    : world_(world),
      stream_(stream),
      caller_(std::move(caller)),
      filter_(std::move(filter)),
      include_raw_(request.include_raw()),
      batch_delay_(std::min(ToDuration(request.batch_delay()), kBatchDelayMax)),
      begin_(std::chrono::steady_clock::now()),
      age_max_(Jittered(world.stream_age_max)) {}

void SubscribeReactor::OnWriteDone(bool ok) {
  if (!EnterState(State::kStepping) || !ok) {
    return End(absl::CancelledError("the client is gone"));
  }
  Step(Thread::kCallback);
}

void SubscribeReactor::OnWake(Hub::Wake wake, bool gathered) {
  if (!EnterState(State::kStepping)) {
    return End(absl::CancelledError("the client is gone"));
  }
  gathered_ = gathered;
  switch (wake) {
    case Hub::Wake::kHead:
      return Step(Thread::kCallback);
    case Hub::Wake::kTimeout:
      if (gathered || Age() >= age_max_) return Step(Thread::kCallback);
      return WriteHeartbeat();
    case Hub::Wake::kClosed:
      return WriteReconnect(kStopping);
  }
}

void SubscribeReactor::OnReader() {
  if (!EnterState(State::kStepping)) {
    return End(absl::CancelledError("the client is gone"));
  }
  if (start_time_.has_value()) {
    const absl::StatusOr<uint64_t> position =
        world_.log.PositionAt(*start_time_);
    if (!position.ok()) return End(position.status());
    position_ = *position;
    start_time_.reset();
    return WriteHeartbeat();
  }
  Step(Thread::kReader);
}

void SubscribeReactor::OnCancel() {
  Hub::Ticket ticket;
  {
    MutexLock lock(mu_);
    cancelled_ = true;
    if (state_ != State::kWaiting || !ticket_.has_value()) return;
    ticket = *ticket_;
    ticket_.reset();
  }
  if (world_.hub.Cancel(ticket)) {
    End(absl::CancelledError("the client is gone"));
  }
}

void SubscribeReactor::OnDone() {
  snapshot_slot_ = nullptr;
  world_.registry.Remove(caller_);
  const std::shared_ptr<SubscribeReactor> self = std::move(self_);
}

void SubscribeReactor::Step(Thread thread) {
  while (true) {
    if (world_.registry.stopping()) return WriteReconnect(kStopping);
    // A snapshot is read to its end, or it would have to be begun anew.
    if (const absl::Duration age = Age();
        age >= age_max_ && snapshot_slot_ == nullptr) {
      return WriteReconnect(absl::StrCat(
          "the stream is ", absl::FormatDuration(absl::Trunc(age, kAgeUnit)),
          " old"));
    }
    if (snapshot_ != nullptr) {
      return thread == Thread::kReader ? WritePiece() : QueueReading();
    }
    if (snapshot_slot_ != nullptr) {
      return Queue(world_.snapshot_taker, &SubscribeReactor::OnSnapshotTaker);
    }
    const uint64_t head = world_.log.Head();
    if (position_ >= head) return Wait();
    if (batch_delay_ > absl::ZeroDuration() && !gathered_ &&
        head - position_ < world_.batch_events_max) {
      return Gather();
    }
    if (thread != Thread::kReader &&
        (include_raw_ || !world_.log.IsRecent(position_))) {
      return QueueReading();
    }
    v1::SubscribeResponse tail;
    const absl::StatusOr<bool> something = Read(&tail);
    if (!something.ok()) return End(something.status());
    if (*something) return Write(tail);
    // A filter that lets nothing through may read for long: it still shows that
    // it lives, and lets others read in between.
    if (UntilHeartbeat() <= absl::ZeroDuration()) return WriteHeartbeat();
    if (thread == Thread::kReader) return QueueReading();
  }
}

// For the next event, until the stream has to speak.
void SubscribeReactor::Wait() {
  WaitFor(position_, std::min(UntilHeartbeat(), age_max_ - Age()), false);
}

// For so many events that they fill a response, but not for long.
void SubscribeReactor::Gather() {
  WaitFor(position_ + world_.batch_events_max - 1, batch_delay_, true);
}

void SubscribeReactor::WaitFor(uint64_t position, absl::Duration timeout,
                               bool gather) {
  uint64_t wait;
  {
    MutexLock lock(mu_);
    state_ = State::kWaiting;
    ticket_.reset();
    wait = ++waits_;
  }
  const std::shared_ptr<SubscribeReactor> self = shared_from_this();
  const Hub::Ticket ticket =
      world_.hub.Wait(position, timeout, [self, gather](Hub::Wake wake) {
        self->stream_.Run([self, wake, gather] { self->OnWake(wake, gather); });
      });
  {
    // By now the waiter may have run, and even another one have begun.
    MutexLock lock(mu_);
    if (state_ != State::kWaiting || waits_ != wait) return;
    ticket_ = ticket;
    if (!cancelled_) return;
    ticket_.reset();
  }
  // The cancellation came before there was a ticket.
  if (world_.hub.Cancel(ticket)) {
    End(absl::CancelledError("the client is gone"));
  }
}

void SubscribeReactor::Queue(ReaderPool& pool,
                             void (SubscribeReactor::*on_reader)()) {
  EnterState(State::kReading);
  if (!pool.Submit(
          [self = shared_from_this(), on_reader] { ((*self).*on_reader)(); })) {
    End(ServiceError(Reason::kOverloaded, "too many streams read old events"));
  }
}

void SubscribeReactor::WriteHeartbeat() {
  v1::SubscribeResponse tail;
  const uint64_t head = std::max(world_.log.Head(), position_);
  tail.mutable_heartbeat()->set_head(head);
  tail.mutable_heartbeat()->set_lag(head - position_);
  *tail.mutable_heartbeat()->mutable_time() = ToTimestamp(world_.clock.Now());
  Write(tail);
}

void SubscribeReactor::Write(const v1::SubscribeResponse& tail) {
  v1::SubscribeResponse with_cursor = tail;
  with_cursor.set_cursor(Cursor());
  last_write_ = std::chrono::steady_clock::now();
  gathered_ = false;
  EnterState(State::kWriting);
  stream_.Write(builder_.Finish(with_cursor));
}

// The last response, with status OK: the client comes again with its cursor.
void SubscribeReactor::WriteReconnect(const std::string& reason) {
  v1::SubscribeResponse tail;
  tail.mutable_reconnect()->set_reason(reason);
  *tail.mutable_reconnect()->mutable_delay() =
      ToProtoDuration(Jittered(kReconnectDelay));
  tail.set_cursor(Cursor());
  EnterState(State::kFinished);
  stream_.WriteAndFinish(builder_.Finish(tail), grpc::Status::OK);
}

void SubscribeReactor::End(const absl::Status& status) {
  EnterState(State::kFinished);
  stream_.Finish(ToGrpcStatus(status));
}

bool SubscribeReactor::EnterState(State state) {
  MutexLock lock(mu_);
  state_ = state;
  ticket_.reset();
  return !cancelled_;
}

absl::Duration SubscribeReactor::UntilHeartbeat() const {
  return world_.heartbeat_interval -
         absl::FromChrono(std::chrono::steady_clock::now() - last_write_);
}

absl::Duration SubscribeReactor::Age() const {
  return absl::FromChrono(std::chrono::steady_clock::now() - begin_);
}

std::string SubscribeReactor::Cursor() const {
  // With half a snapshot nothing could go on: who comes again begins anew.
  if (snapshot_slot_ != nullptr) return "";
  return EncodeCursor({world_.log.Epoch(), position_});
}

}  // namespace chatgate
