#include "server/service/budget_watch.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "server/rpc/rpc_bytes.h"
#include "server/service/errors.h"

namespace chatgate {

void BudgetWatch::Start(ServerStream& stream, Look look, int64_t interval_ms,
                        std::atomic<int>& watches) {
  const absl::Duration interval =
      interval_ms == 0 ? kIntervalDefault
                       : std::clamp(absl::Milliseconds(interval_ms),
                                    kIntervalMin, kIntervalMax);
  auto* watch = new BudgetWatch(stream, std::move(look), interval, watches);
  stream.SetListener(watch);
  watch->LookAgain();
}

void BudgetWatch::LookAgain() {
  v1::WatchBudgetResponse response;
  const absl::Status status = look_(response.mutable_budget());
  if (!status.ok()) return stream_.Finish(ToGrpcStatus(status));
  std::string bytes = response.SerializeAsString();
  if (bytes == written_) return Rest();
  written_ = std::move(bytes);
  stream_.Write(ToByteBuffer(response));
}

void BudgetWatch::OnWriteDone(bool ok) {
  if (!ok) return stream_.Finish(grpc::Status::CANCELLED);
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
        if (cancelled) return stream_.Finish(grpc::Status::CANCELLED);
        LookAgain();
      });
      return;
    }
  }
  stream_.Finish(grpc::Status::CANCELLED);
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
