#include "webhook/rest/rate_limiter.h"

namespace chatgate {

std::optional<absl::Duration> RateLimiter::Refuses() {
  constexpr absl::Duration kWindow = absl::Minutes(1);
  if (calls_max_ == 0) return std::nullopt;
  const absl::Time now = clock_.Now();
  MutexLock lock(mu_);
  // A clock that was set back must not lock a key out: times to come are
  // forgotten too.
  while (!calls_.empty() &&
         (calls_.front() <= now - kWindow || calls_.front() > now)) {
    calls_.pop_front();
  }
  if (calls_.size() >= calls_max_) return calls_.front() + kWindow - now;
  calls_.push_back(now);
  return std::nullopt;
}

}  // namespace chatgate
