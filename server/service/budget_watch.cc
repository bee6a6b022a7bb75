#include "server/service/budget_watch.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "server/service/errors.h"

namespace chatgate {

BudgetWatch* BudgetWatch::Start(Look look, int64_t interval_ms,
                                std::atomic<int>& watches) {
  const absl::Duration interval =
      interval_ms == 0 ? kIntervalDefault
                       : std::clamp(absl::Milliseconds(interval_ms),
                                    kIntervalMin, kIntervalMax);
  auto* watch = new BudgetWatch(std::move(look), interval, watches);
  watch->LookAgain();
  return watch;
}

void BudgetWatch::LookAgain() {
  response_.Clear();
  const absl::Status status = look_(response_.mutable_budget());
  if (!status.ok()) return Finish(ToGrpcStatus(status));
  std::string bytes = response_.SerializeAsString();
  if (bytes == written_) return Rest();
  written_ = std::move(bytes);
  StartWrite(&response_);
}

void BudgetWatch::OnWriteDone(bool ok) {
  if (!ok) return Finish(grpc::Status::CANCELLED);
  Rest();
}

void BudgetWatch::Rest() {
  {
    MutexLock lock(mu_);
    if (!cancelled_) {
      resting_ = true;
      alarm_.Set(absl::ToChronoTime(absl::Now() + interval_), [this](bool) {
        bool cancelled = false;
        {
          MutexLock alarm_lock(mu_);
          resting_ = false;
          cancelled = cancelled_;
        }
        if (cancelled) return Finish(grpc::Status::CANCELLED);
        LookAgain();
      });
      return;
    }
  }
  Finish(grpc::Status::CANCELLED);
}

void BudgetWatch::OnCancel() {
  MutexLock lock(mu_);
  cancelled_ = true;
  // Its function ends the call; where none rests, a write is about to fail.
  if (resting_) alarm_.Cancel();
}

void BudgetWatch::OnDone() {
  watches_.fetch_sub(1);
  delete this;
}

}  // namespace chatgate
