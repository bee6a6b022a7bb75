#include "server/web_api/timer.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "server/base/mutex.h"

namespace chatgate {
namespace {

// Never waits longer at once, so that a clock that is set does not matter long.
constexpr absl::Duration kWaitMax = absl::Seconds(1);

class SystemTimer final : public Timer {
 public:
  SystemTimer() : thread_([this] { Run(); }) {}

  ~SystemTimer() override {
    {
      MutexLock lock(mu_);
      stopping_ = true;
      changed_.Signal();
    }
    thread_.join();
  }

  void RunAt(absl::Time time, std::function<void()> run) override {
    MutexLock lock(mu_);
    waiting_.emplace(time, std::move(run));
    changed_.Signal();
  }

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_) {
    while (true) {
      std::function<void()> due;
      {
        MutexLock lock(mu_);
        while (!stopping_ && !IsDue()) Wait();
        if (stopping_) return;
        due = std::move(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
      }
      due();
    }
  }

  bool IsDue() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return !waiting_.empty() && waiting_.begin()->first <= absl::Now();
  }

  void Wait() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (waiting_.empty()) {
      changed_.Wait(mu_);
    } else {
      changed_.WaitFor(
          mu_, std::min(waiting_.begin()->first - absl::Now(), kWaitMax));
    }
  }

  Mutex mu_;
  CondVar changed_;
  std::multimap<absl::Time, std::function<void()>> waiting_
      ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Timer> MakeSystemTimer() {
  return std::make_unique<SystemTimer>();
}

}  // namespace chatgate
