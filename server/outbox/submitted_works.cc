#include "server/outbox/submitted_works.h"

#include <memory>
#include <utility>

namespace chatgate {

bool SubmittedWorks::Submit(Store::Work work) {
  {
    MutexLock lock(mu_);
    ++under_way_;
  }
  // Written by a refusal alone, which comes before Submit returns.
  auto refused = std::make_shared<bool>(false);
  store_.Submit(std::move(work), [this, refused](const absl::Status& status) {
    if (absl::IsResourceExhausted(status)) *refused = true;
    End(absl::IsResourceExhausted(status) ? absl::OkStatus() : status);
  });
  return !*refused;
}

absl::Status SubmittedWorks::Wait() {
  MutexLock lock(mu_);
  while (under_way_ > 0) ended_.Wait(mu_);
  return status_;
}

void SubmittedWorks::End(const absl::Status& status) {
  MutexLock lock(mu_);
  status_.Update(status);
  // Under the lock: this may be gone as soon as it is released.
  if (--under_way_ == 0) ended_.SignalAll();
}

}  // namespace chatgate
