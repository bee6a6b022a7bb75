#include "server/service/stream_registry.h"

#include "server/base/countdown.h"
#include "server/service/errors.h"

namespace chatgate {

absl::Status StreamRegistry::Add(const std::string& caller) {
  MutexLock lock(mu_);
  if (stopping_) {
    return ServiceError(Reason::kStopping, "the gateway is stopping");
  }
  if (streams_ >= streams_max_) {
    return ServiceError(Reason::kOverloaded, "too many streams are open");
  }
  int& of_caller = of_caller_[caller];
  if (of_caller >= streams_of_caller_max_) {
    return ServiceError(Reason::kOverloaded,
                        "the caller has too many streams open");
  }
  ++of_caller;
  ++streams_;
  return absl::OkStatus();
}

void StreamRegistry::Remove(const std::string& caller) {
  MutexLock lock(mu_);
  --streams_;
  const auto of_caller = of_caller_.find(caller);
  if (--of_caller->second == 0) of_caller_.erase(of_caller);
  // Under the lock: who waits may destroy this as soon as it is free.
  if (streams_ == 0) empty_.SignalAll();
}

void StreamRegistry::Stop() {
  MutexLock lock(mu_);
  stopping_.store(true, std::memory_order_release);
}

bool StreamRegistry::WaitUntilEmpty(absl::Duration timeout) {
  const Countdown left(timeout);
  MutexLock lock(mu_);
  while (streams_ > 0) {
    if (left.IsOver()) return false;
    empty_.WaitFor(mu_, left.Left());
  }
  return true;
}

}  // namespace chatgate
