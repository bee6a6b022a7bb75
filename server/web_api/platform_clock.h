#ifndef CHATGATE_SERVER_WEB_API_PLATFORM_CLOCK_H_
#define CHATGATE_SERVER_WEB_API_PLATFORM_CLOCK_H_

#include <optional>

#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace chatgate {

// How far the platform's clocks, and what is known of them, may be apart.
inline constexpr absl::Duration kClockSkewMax = absl::Minutes(1);

// The platform's clock, by what its answers say: the times of its parts are
// told by it. Between two answers it goes as `steady` does, which nobody sets;
// `clock`, our time of day, stands for it while nothing was heard.
//
// Threads: any. Lifetime: the clocks outlive it.
class PlatformClock {
 public:
  PlatformClock(const Clock& clock, const Clock& steady)
      : clock_(clock), steady_(steady) {}

  // An answer that comes now was written at `date`.
  void Hear(absl::Time date) ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::Duration ahead = date - steady_.Now();
    MutexLock lock(mu_);
    ahead_ = ahead;
  }

  bool is_heard() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return ahead_.has_value();
  }

  // What it shows when the steady clock shows `steady`.
  absl::Time TimeAt(absl::Time steady) const ABSL_LOCKS_EXCLUDED(mu_) {
    const absl::Duration ours = clock_.Now() - steady_.Now();
    MutexLock lock(mu_);
    return steady + ahead_.value_or(ours);
  }

  const Clock& clock() const { return clock_; }
  const Clock& steady() const { return steady_; }

 private:
  const Clock& clock_;
  const Clock& steady_;
  mutable Mutex mu_;
  std::optional<absl::Duration> ahead_ ABSL_GUARDED_BY(mu_);  // Of `steady_`.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_PLATFORM_CLOCK_H_
