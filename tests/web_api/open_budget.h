#ifndef CHATGATE_TESTS_WEB_API_OPEN_BUDGET_H_
#define CHATGATE_TESTS_WEB_API_OPEN_BUDGET_H_

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "server/budget/budget.h"

namespace chatgate {

// A budget that has a slot for everybody, and counts how they end.
class OpenBudget final : public Budget {
 public:
  struct Ends {
    int answered = 0;
    int lost = 0;
    int too_many = 0;
    int not_sent = 0;
    std::optional<absl::Duration> retry_after;  // Of the last 429.
  };

  void Acquire(BudgetAsk ask, Granted granted) override {
    absl::Status refusal;
    {
      MutexLock lock(mu_);
      asks_.push_back(std::move(ask));
      if (holds_) {
        held_.push_back(std::move(granted));
        return;
      }
      refusal = refusal_;
    }
    if (!refusal.ok()) {
      granted(refusal);
    } else {
      granted(std::make_unique<Slot>(*this));
    }
  }

  // Later asks wait until Release.
  void Hold() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    holds_ = true;
  }
  void Release() ABSL_LOCKS_EXCLUDED(mu_) {
    std::vector<Granted> held;
    {
      MutexLock lock(mu_);
      holds_ = false;
      held.swap(held_);
    }
    for (const Granted& granted : held) {
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
    void Lost() override {
      MutexLock lock(budget_.mu_);
      ++budget_.ends_.lost;
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
  bool holds_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<Granted> held_ ABSL_GUARDED_BY(mu_);
  Ends ends_ ABSL_GUARDED_BY(mu_);
  std::vector<BudgetAsk> asks_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEB_API_OPEN_BUDGET_H_
