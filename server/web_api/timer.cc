#include "server/web_api/timer.h"

#include <map>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "server/base/mutex.h"
#include "server/base/steady_clock.h"

namespace chatgate {
namespace {

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

  Ticket RunAt(absl::Time time, std::function<void()> run) override {
    const absl::Time due = clock_.Now() + (time - absl::Now());
    MutexLock lock(mu_);
    const Ticket ticket = {due, next_++};
    const auto place = waiting_.emplace(ticket, std::move(run)).first;
    if (place == waiting_.begin()) changed_.Signal();
    return ticket;
  }

  void Cancel(const Ticket& ticket) override {
    std::function<void()> dropped;  // Outside of the lock: it may own much.
    MutexLock lock(mu_);
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) return;
    dropped = std::move(found->second);
    waiting_.erase(found);
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
    return !waiting_.empty() && waiting_.begin()->first.first <= clock_.Now();
  }

  void Wait() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (waiting_.empty()) {
      changed_.Wait(mu_);
    } else {
      changed_.WaitFor(mu_, waiting_.begin()->first.first - clock_.Now());
    }
  }

  const SteadyClock clock_;
  Mutex mu_;
  CondVar changed_;
  uint64_t next_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<Ticket, std::function<void()>> waiting_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Timer> MakeSystemTimer() {
  return std::make_unique<SystemTimer>();
}

}  // namespace chatgate
