#include "tests/integration/event_reader.h"

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"

namespace chatgate {

EventReader::EventReader(const Gateway& gateway,
                         const v1::SubscribeRequest& request)
    : stub_(gateway.NewStub()) {
  Gateway::Authorize(&context_);
  context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(5)));
  stream_ = stub_->Subscribe(&context_, request);
  v1::SubscribeResponse first;
  if (stream_->Read(&first)) {
    first_had_heartbeat_ = first.has_heartbeat();
    MutexLock lock(mu_);
    cursor_ = first.cursor();
    for (const v1::Event& event : first.events()) events_.push_back(event);
  }
  thread_ = std::thread([this] { Run(); });
}

EventReader::~EventReader() {
  context_.TryCancel();
  thread_.join();
}

void EventReader::Run() {
  v1::SubscribeResponse response;
  while (stream_->Read(&response)) {
    MutexLock lock(mu_);
    cursor_ = response.cursor();
    for (const v1::Event& event : response.events()) events_.push_back(event);
    changed_.SignalAll();
  }
  const grpc::Status status = stream_->Finish();
  MutexLock lock(mu_);
  ended_ = true;
  end_reason_ = absl::StrCat(status.error_code(), " ", status.error_message());
  changed_.SignalAll();
}

absl::StatusOr<v1::Event> EventReader::Next(absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  MutexLock lock(mu_);
  while (events_.empty()) {
    if (ended_) {
      return absl::UnavailableError(
          absl::StrCat("stream ended: ", end_reason_));
    }
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("no event in time");
    }
    changed_.WaitFor(mu_, left);
  }
  v1::Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

absl::StatusOr<v1::Event> EventReader::NextWhere(
    const std::function<bool(const v1::Event&)>& wanted,
    absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (true) {
    ASSIGN_OR_RETURN(v1::Event event, Next(deadline - absl::Now()));
    if (wanted(event)) return event;
  }
}

std::string EventReader::cursor() const {
  MutexLock lock(mu_);
  return cursor_;
}

}  // namespace chatgate
