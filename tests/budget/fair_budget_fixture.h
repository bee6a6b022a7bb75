#ifndef CHATGATE_TESTS_BUDGET_FAIR_BUDGET_FIXTURE_H_
#define CHATGATE_TESTS_BUDGET_FAIR_BUDGET_FIXTURE_H_

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "server/budget/budget_table.h"
#include "server/budget/fair_budget.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

using SlotOr = absl::StatusOr<std::unique_ptr<BudgetSlot>>;

// What came of the calls of a test, in the order in which it came.
class Outcomes {
 public:
  Budget::Granted Next() {
    return [this](SlotOr slot) {
      MutexLock lock(mu_);
      slots_.push_back(std::move(slot));
      arrived_.SignalAll();
    };
  }
  SlotOr Take() {
    MutexLock lock(mu_);
    while (slots_.empty()) arrived_.Wait(mu_);
    SlotOr slot = std::move(slots_.front());
    slots_.pop_front();
    return slot;
  }
  size_t count() {
    MutexLock lock(mu_);
    return slots_.size();
  }

 private:
  Mutex mu_;
  CondVar arrived_;
  std::deque<SlotOr> slots_ ABSL_GUARDED_BY(mu_);
};

// A budget of three slots, one of them for replies alone.
class FairBudgetTest : public ::testing::Test {
 protected:
  FairBudgetTest() {
    options_.app_id = 777;
    options_.wall_clock = &clock_;
    options_.scheduler.limit = 3;
    options_.scheduler.reply_reserve = 1;
    Open();
  }

  void Open() {
    StoreOptions options;
    options.path = dir_.File("chatgate.db");
    options.reader_threads = 1;
    store_ = *Store::Open(options, {budget_table::BudgetSchema()});
    budget_ = *FairBudget::Open(*store_, clock_, options_);
  }
  void Restart() {
    budget_.reset();
    store_.reset();
    Open();
  }

  void Ask(v1::Priority priority, absl::Duration patience = absl::Hours(1)) {
    budget_->Acquire(
        {priority, "billing", "Method", options_.wall_clock->Now() + patience},
        outcomes_.Next());
  }
  SlotOr Acquire(v1::Priority priority,
                 absl::Duration patience = absl::Hours(1)) {
    Ask(priority, patience);
    return outcomes_.Take();
  }
  // Both slots that are not reserved.
  std::vector<std::unique_ptr<BudgetSlot>> TakeBoth() {
    std::vector<std::unique_ptr<BudgetSlot>> slots;
    slots.push_back(*Acquire(v1::BULK));
    slots.push_back(*Acquire(v1::BULK));
    return slots;
  }
  void Advance(absl::Duration time) {
    clock_.AdvanceTime(time);
    budget_->Wake();
  }
  v1::ListSpendingResponse Spending(int rows_max = 100,
                                    const std::string& token = "") {
    v1::ListSpendingResponse response;
    EXPECT_THAT(store_->Read([&](Connection& connection) {
      return budget_table::ListSpending(connection, 777, absl::UnixEpoch(),
                                        rows_max, token, &response);
    }),
                IsOk());
    return response;
  }
  // Everything that was submitted before has been written.
  void Flush() {
    EXPECT_THAT(store_->Write([](Transaction&) { return absl::OkStatus(); }),
                IsOk());
  }

  TempDir dir_;
  FakeClock clock_;
  FakeClock wall_;  // The time of day, where it is another.
  FairBudgetOptions options_;
  std::unique_ptr<Store> store_;
  Outcomes outcomes_;
  std::unique_ptr<FairBudget> budget_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BUDGET_FAIR_BUDGET_FIXTURE_H_
