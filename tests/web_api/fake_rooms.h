#ifndef CHATGATE_TESTS_WEB_API_FAKE_ROOMS_H_
#define CHATGATE_TESTS_WEB_API_FAKE_ROOMS_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "server/budget/budget.h"
#include "server/web_api/timer.h"
#include "server/web_api/transport.h"
#include "tests/support/fake_clock.h"

namespace chatgate {

// A platform that answers as a test says, at once.
class FakeTransport final : public Transport {
 public:
  using Script = std::function<TransportAnswer(const RestCall& call)>;

  void Send(TransportRequest request, Done done) override {
    Script script;
    {
      MutexLock lock(mu_);
      calls_.push_back(request.call);
      if (hold_) {
        held_.emplace_back(request.call, std::move(done));
        return;
      }
      script = script_;
    }
    done(script(request.call));
  }
  void Close() override {}

  void set_script(Script script) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    script_ = std::move(script);
  }
  // What is sent from now on is answered by Release.
  void Hold() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    hold_ = true;
  }
  void Release() ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<std::pair<RestCall, Done>> held;
    Script script;
    {
      MutexLock lock(mu_);
      hold_ = false;
      held.swap(held_);
      script = script_;
    }
    for (auto& [call, done] : held) done(script(call));
  }

  std::vector<RestCall> calls() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return calls_;
  }

 private:
  mutable Mutex mu_;
  Script script_ ABSL_GUARDED_BY(mu_);
  bool hold_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::pair<RestCall, Done>> held_ ABSL_GUARDED_BY(mu_);
  std::vector<RestCall> calls_ ABSL_GUARDED_BY(mu_);
};

// A budget that has a slot for everybody, and counts how they end.
class OpenBudget final : public Budget {
 public:
  struct Ends {
    int answered = 0;
    int too_many = 0;
    int not_sent = 0;
    std::optional<absl::Duration> retry_after;  // Of the last 429.
  };

  void Acquire(BudgetAsk ask, Granted granted) override {
    absl::Status refusal;
    {
      MutexLock lock(mu_);
      asks_.push_back(std::move(ask));
      refusal = refusal_;
    }
    if (!refusal.ok()) {
      granted(refusal);
    } else {
      granted(std::make_unique<Slot>(*this));
    }
  }

  // Every later ask is refused with it.
  void Refuse(absl::Status why) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    refusal_ = std::move(why);
  }
  Ends ends() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return ends_;
  }
  std::vector<BudgetAsk> asks() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return asks_;
  }

 private:
  class Slot final : public BudgetSlot {
   public:
    explicit Slot(OpenBudget& budget) : budget_(budget) {}
    void Answered() override {
      MutexLock lock(budget_.mu_);
      ++budget_.ends_.answered;
    }
    void TooMany(std::optional<absl::Duration> retry_after) override {
      MutexLock lock(budget_.mu_);
      ++budget_.ends_.too_many;
      budget_.ends_.retry_after = retry_after;
    }
    void NotSent() override {
      MutexLock lock(budget_.mu_);
      ++budget_.ends_.not_sent;
    }
    absl::Duration queued() const override { return absl::Milliseconds(7); }

   private:
    OpenBudget& budget_;
  };

  mutable Mutex mu_;
  absl::Status refusal_ ABSL_GUARDED_BY(mu_);
  Ends ends_ ABSL_GUARDED_BY(mu_);
  std::vector<BudgetAsk> asks_ ABSL_GUARDED_BY(mu_);
};

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

#endif  // CHATGATE_TESTS_WEB_API_FAKE_ROOMS_H_
