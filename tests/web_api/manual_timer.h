#ifndef CHATGATE_TESTS_WEB_API_MANUAL_TIMER_H_
#define CHATGATE_TESTS_WEB_API_MANUAL_TIMER_H_

#include <cstddef>
#include <cstdint>
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

  Ticket RunAt(absl::Time time, std::function<void()> run) override {
    MutexLock lock(mu_);
    const Ticket ticket = {time, next_++};
    waiting_.emplace(ticket, std::move(run));
    return ticket;
  }
  void Cancel(const Ticket& ticket) override {
    MutexLock lock(mu_);
    waiting_.erase(ticket);
  }

  size_t waiting() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return waiting_.size();
  }

  // Moves the clock to the next thing that waits, and runs it. False: nothing
  // waits.
  bool RunNext() ABSL_LOCKS_EXCLUDED(mu_) {
    std::function<void()> run;
    {
      MutexLock lock(mu_);
      if (waiting_.empty()) return false;
      const absl::Time time = waiting_.begin()->first.first;
      if (time > clock_.Now()) clock_.SetTime(time);
      run = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
    }
    run();
    return true;
  }

 private:
  FakeClock& clock_;
  mutable Mutex mu_;
  uint64_t next_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<Ticket, std::function<void()>> waiting_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEB_API_MANUAL_TIMER_H_
