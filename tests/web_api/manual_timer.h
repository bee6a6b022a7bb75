#ifndef CHATGATE_TESTS_WEB_API_MANUAL_TIMER_H_
#define CHATGATE_TESTS_WEB_API_MANUAL_TIMER_H_

#include <functional>
#include <map>
#include <utility>

#include "server/base/mutex.h"
#include "server/web_api/timer.h"
#include "tests/support/fake_clock.h"

namespace chatgate {

// A timer by a clock that the test moves.
class ManualTimer final : public Timer {
 public:
  explicit ManualTimer(FakeClock& clock) : clock_(clock) {}

  void RunAt(absl::Time time, std::function<void()> run) override {
    MutexLock lock(mu_);
    waiting_.emplace(time, std::move(run));
  }

  // Moves the clock to the next thing that waits, and runs it. False: nothing
  // waits.
  bool RunNext() ABSL_LOCKS_EXCLUDED(mu_) {
    std::function<void()> run;
    {
      MutexLock lock(mu_);
      if (waiting_.empty()) return false;
      if (waiting_.begin()->first > clock_.Now()) {
        clock_.SetTime(waiting_.begin()->first);
      }
      run = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
    }
    run();
    return true;
  }

 private:
  FakeClock& clock_;
  Mutex mu_;
  std::multimap<absl::Time, std::function<void()>> waiting_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEB_API_MANUAL_TIMER_H_
