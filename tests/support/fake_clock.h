#ifndef CHATGATE_TESTS_SUPPORT_FAKE_CLOCK_H_
#define CHATGATE_TESTS_SUPPORT_FAKE_CLOCK_H_

#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace chatgate {

// A clock that stands still until told to move. Any thread may use it.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now = absl::FromUnixSeconds(1'700'000'000))
      : now_(now) {}

  absl::Time Now() const override ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return now_;
  }
  void SetTime(absl::Time now) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    now_ = now;
  }
  void AdvanceTime(absl::Duration by) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    now_ += by;
  }

 private:
  mutable Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SUPPORT_FAKE_CLOCK_H_
