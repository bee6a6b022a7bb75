#include "server/service/subscribe_reactor.h"

#include <algorithm>
#include <utility>

#include "server/base/status_macros.h"
#include "server/event_log/cursor.h"
#include "server/service/errors.h"
#include "server/service/timestamp.h"

namespace chatgate {

SubscribeReactor* SubscribeReactor::Start(const StreamWorld& world,
                                          std::string caller,
                                          EventFilter filter,
                                          const v1::SubscribeRequest& request,
                                          std::optional<uint64_t> position) {
  std::shared_ptr<SubscribeReactor> reactor(new SubscribeReactor(
      world, std::move(caller), std::move(filter), request));
  SubscribeReactor* raw = reactor.get();
  raw->self_ = reactor;
  if (position.has_value()) {
    raw->position_ = *position;
    raw->WriteHeartbeat();
  } else {
    raw->start_time_ = ToTime(request.start_time());
    raw->Queue();
  }
  return raw;
}

SubscribeReactor::SubscribeReactor(const StreamWorld& world, std::string caller,
                                   EventFilter filter,
                                   const v1::SubscribeRequest& request)
    : world_(world),
      caller_(std::move(caller)),
      filter_(std::move(filter)),
      include_raw_(request.include_raw()) {}

void SubscribeReactor::OnWriteDone(bool ok) {
  response_.Clear();
  if (!EnterState(State::kStepping) || !ok) {
    return End(absl::CancelledError("the client is gone"));
  }
  Step(Thread::kCallback);
}

void SubscribeReactor::OnWake(Hub::Wake wake) {
  if (!EnterState(State::kStepping)) {
    return End(absl::CancelledError("the client is gone"));
  }
  switch (wake) {
    case Hub::Wake::kHead:
      return Step(Thread::kCallback);
    case Hub::Wake::kTimeout:
      return WriteHeartbeat();
    case Hub::Wake::kClosed:
      return End(ServiceError(Reason::kStopping, "the gateway is stopping"));
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
  world_.registry.Remove(caller_);
  const std::shared_ptr<SubscribeReactor> self = std::move(self_);
}

void SubscribeReactor::Step(Thread thread) {
  while (true) {
    if (world_.registry.stopping()) {
      return End(ServiceError(Reason::kStopping, "the gateway is stopping"));
    }
    if (position_ >= world_.log.Head()) return Wait();
    if (thread != Thread::kReader &&
        (include_raw_ || !world_.log.IsRecent(position_))) {
      return Queue();
    }
    v1::SubscribeResponse tail;
    const absl::StatusOr<bool> something = Read(&tail);
    if (!something.ok()) return End(something.status());
    if (*something) return Write(tail);
    // A filter that lets nothing through may read for long: it still shows that
    // it lives, and lets others read in between.
    if (UntilHeartbeat() <= absl::ZeroDuration()) return WriteHeartbeat();
    if (thread == Thread::kReader) return Queue();
  }
}

void SubscribeReactor::Wait() {
  uint64_t wait;
  {
    MutexLock lock(mu_);
    state_ = State::kWaiting;
    ticket_.reset();
    wait = ++waits_;
  }
  const std::shared_ptr<SubscribeReactor> self = shared_from_this();
  const Hub::Ticket ticket =
      world_.hub.Wait(position_, UntilHeartbeat(),
                      [self](Hub::Wake wake) { self->OnWake(wake); });
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

void SubscribeReactor::Queue() {
  EnterState(State::kReading);
  if (!world_.readers.Submit(
          [self = shared_from_this()] { self->OnReader(); })) {
    End(ServiceError(Reason::kOverloaded, "too many streams read old events"));
  }
}

void SubscribeReactor::WriteHeartbeat() {
  v1::SubscribeResponse tail;
  tail.mutable_heartbeat()->set_head(world_.log.Head());
  *tail.mutable_heartbeat()->mutable_time() = ToTimestamp(world_.clock.Now());
  Write(tail);
}

void SubscribeReactor::Write(const v1::SubscribeResponse& tail) {
  v1::SubscribeResponse with_cursor = tail;
  with_cursor.set_cursor(Cursor());
  response_ = builder_.Finish(with_cursor);
  last_write_ = std::chrono::steady_clock::now();
  EnterState(State::kWriting);
  StartWrite(&response_);
}

void SubscribeReactor::End(const absl::Status& status) {
  EnterState(State::kFinished);
  Finish(ToGrpcStatus(status));
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
      if (!added) return true;  // The rest is read again after this write.
    }
    position_ = record->seq;
  }
  position_ = std::max(position_, batch.position);
  return !builder_.empty();
}

absl::StatusOr<bool> SubscribeReactor::Add(
    const std::shared_ptr<const EventRecord>& record) {
  if (!include_raw_) return builder_.Add(record);
  ASSIGN_OR_RETURN(const std::string raw, world_.log.ReadRaw(record->seq));
  return builder_.AddCopy(SliceWithRaw(*record, raw));
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

std::string SubscribeReactor::Cursor() const {
  return EncodeCursor({world_.log.Epoch(), position_});
}

}  // namespace chatgate
