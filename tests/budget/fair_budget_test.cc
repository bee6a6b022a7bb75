#include "server/budget/fair_budget.h"

#include <deque>
#include <future>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/backend/error_table.h"
#include "server/base/mutex.h"
#include "server/budget/budget_table.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST_F(FairBudgetTest, GrantsWhatIsFree) {
  ASSERT_OK_AND_ASSIGN(const auto slot, Acquire(v1::MUTATION));
  EXPECT_EQ(slot->queued(), absl::ZeroDuration());
  EXPECT_EQ(budget_->Snapshot().used(), 1);
  EXPECT_EQ(budget_->Snapshot().app_id(), 777u);
}

TEST_F(FairBudgetTest, WhatWaitsIsGrantedWhenASlotIsFree) {
  auto slots = TakeBoth();
  slots[0]->Answered();
  Ask(v1::MUTATION);
  EXPECT_EQ(budget_->Snapshot().queues_size(), 1);
  Advance(kSlotHold);
  ASSERT_OK_AND_ASSIGN(const auto slot, outcomes_.Take());
  EXPECT_EQ(slot->queued(), kSlotHold);
}

TEST_F(FairBudgetTest, ACallThatCannotStartInTimeIsRefusedAtOnce) {
  auto slots = TakeBoth();
  slots[0]->Answered();
  const absl::Status refused = Acquire(v1::MUTATION, absl::Seconds(9)).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ErrorName(refused), "TooManyRequests");
  EXPECT_EQ(RetryDelay(refused), kSlotHold);
  EXPECT_TRUE(
      refused.GetPayload("type.googleapis.com/google.rpc.QuotaFailure"));
  EXPECT_EQ(budget_->Snapshot().used(), 2);
}

TEST_F(FairBudgetTest, ACallWhoseDeadlinePassesWhileItWaitsIsRefused) {
  auto slots = TakeBoth();
  slots[0]->Answered();
  Ask(v1::MUTATION, absl::Seconds(90));
  Ask(v1::BULK, absl::Seconds(70));
  Advance(kSlotHold);
  ASSERT_THAT(outcomes_.Take(), IsOk());
  Advance(absl::Seconds(30));
  EXPECT_THAT(outcomes_.Take().status(),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(FairBudgetTest, ASlotThatIsNotSentIsFreeAtOnce) {
  auto slots = TakeBoth();
  Ask(v1::MUTATION);
  slots[0]->NotSent();
  EXPECT_THAT(outcomes_.Take(), IsOk());
}

TEST_F(FairBudgetTest, ASlotEndsOnce) {
  auto slots = TakeBoth();
  slots[0]->NotSent();
  slots[0]->NotSent();
  slots[0]->Answered();
  EXPECT_EQ(budget_->Snapshot().used(), 1);
}

TEST_F(FairBudgetTest, ASlotWithoutAWordWasAnswered) {
  auto slots = TakeBoth();
  slots.clear();
  Advance(kSlotHold - absl::Seconds(1));
  EXPECT_EQ(budget_->Snapshot().used(), 2);
  Advance(absl::Seconds(1));
  EXPECT_EQ(budget_->Snapshot().used(), 0);
}

// And after a restart as well.
TEST_F(FairBudgetTest, ALostRequestCountsAsIfItArrivedAsLateAsItMay) {
  auto slots = TakeBoth();
  for (auto& slot : slots) slot->Lost();
  Restart();
  Advance(options_.straggler_max + kSlotHold - absl::Seconds(1));
  EXPECT_EQ(budget_->Snapshot().used(), 2);
  Advance(absl::Seconds(1));
  EXPECT_EQ(budget_->Snapshot().used(), 0);
}

TEST_F(FairBudgetTest, ASlotMayOutliveTheBudget) {
  auto slots = TakeBoth();
  budget_.reset();
  slots[0]->Answered();
  slots[1]->NotSent();
}

TEST_F(FairBudgetTest, ARestartForgetsNothing) {
  auto slots = TakeBoth();
  for (auto& slot : slots) slot->Answered();
  clock_.AdvanceTime(absl::Seconds(20));
  Restart();
  EXPECT_EQ(budget_->Snapshot().used(), 2);
  Advance(kSlotHold - absl::Seconds(20));
  EXPECT_EQ(budget_->Snapshot().used(), 0);
}

// The process may have died with the request on its way.
TEST_F(FairBudgetTest, AfterARestartAnUnknownEndIsALateOne) {
  {
    auto slots = TakeBoth();
    // As of a process that died: nothing is ever said of them.
    static auto& dead = *new std::vector<std::unique_ptr<BudgetSlot>>();
    for (auto& slot : slots) dead.push_back(std::move(slot));
  }
  clock_.AdvanceTime(absl::Hours(1));
  Restart();
  Advance(kSlotHold);
  EXPECT_EQ(budget_->Snapshot().used(), 2);
  Advance(options_.straggler_max);
  EXPECT_EQ(budget_->Snapshot().used(), 0);
}

TEST_F(FairBudgetTest, AClockThatWasSetBackBlocksForNoLonger) {
  auto slots = TakeBoth();
  for (auto& slot : slots) slot->Answered();
  clock_.AdvanceTime(-absl::Hours(100));
  Restart();
  EXPECT_EQ(budget_->Snapshot().used(), 2);
  Advance(kSlotHold + options_.straggler_max);
  EXPECT_EQ(budget_->Snapshot().used(), 0);
}

// The time of day is set while the budget runs: its own clock is not.
class FairBudgetClocksTest : public FairBudgetTest {
 protected:
  FairBudgetClocksTest() {
    options_.wall_clock = &wall_;
    Restart();
  }
  // A process that starts now takes the time of day for its own.
  void RestartByWall() {
    clock_.SetTime(wall_.Now());
    Restart();
  }
};

TEST_F(FairBudgetClocksTest, ATimeOfDayThatWasSetBackRefusesNobody) {
  wall_.AdvanceTime(-absl::Hours(1));
  EXPECT_THAT(Acquire(v1::BULK, absl::Seconds(60)), IsOk());
}

TEST_F(FairBudgetClocksTest, ATimeOfDayThatWasSetForwardLetsNobodyWaitLonger) {
  auto slots = TakeBoth();
  for (auto& slot : slots) slot->Answered();
  wall_.AdvanceTime(absl::Hours(1));
  EXPECT_THAT(Acquire(v1::BULK, absl::Seconds(9)).status(),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(FairBudgetClocksTest, ARestartAfterItWasSetForwardForgetsNothing) {
  wall_.AdvanceTime(absl::Hours(1));
  {
    auto slots = TakeBoth();
    slots[0]->Answered();
    slots[1]->TooMany(absl::Seconds(30));
  }
  RestartByWall();
  EXPECT_EQ(budget_->Snapshot().used(), 2);
  EXPECT_EQ(budget_->Snapshot().limit_now(), 2);
  EXPECT_TRUE(budget_->Snapshot().has_closed_until());
  Advance(kSlotHold);
  EXPECT_EQ(budget_->Snapshot().used(), 0);
}

TEST_F(FairBudgetTest, WhatA429TaughtIsKept) {
  auto slots = TakeBoth();
  slots[0]->TooMany(absl::Seconds(30));
  EXPECT_EQ(budget_->Snapshot().limit_now(), 2);
  slots.clear();  // The store outlives every slot.
  Restart();
  EXPECT_EQ(budget_->Snapshot().limit_now(), 2);
  EXPECT_TRUE(budget_->Snapshot().has_closed_until());
  Ask(v1::REPLY);
  Advance(absl::Seconds(30));
  EXPECT_FALSE(budget_->Snapshot().has_closed_until());
}

TEST_F(FairBudgetTest, ClosingRefusesWhoWaitsAndWhoComes) {
  auto slots = TakeBoth();
  Ask(v1::BULK);
  budget_->Close();
  const absl::Status waited = outcomes_.Take().status();
  EXPECT_THAT(waited, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ErrorName(waited), "STOPPING");
  EXPECT_THAT(Acquire(v1::REPLY).status(),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(FairBudgetTest, EveryCallIsAnsweredBeforeTheBudgetEnds) {
  for (int i = 0; i < 100; ++i) Ask(v1::BULK);
  budget_.reset();
  EXPECT_EQ(outcomes_.count(), 100u);
}

TEST_F(FairBudgetTest, AThousandWaitWithoutAThreadEach) {
  auto slots = TakeBoth();
  for (int i = 0; i < 1000; ++i) Ask(v1::BULK, absl::InfiniteDuration());
  EXPECT_EQ(budget_->Snapshot().queues(0).waiting(), 1000);
  Ask(v1::BULK, absl::InfiniteDuration());
  const absl::Status full = outcomes_.Take().status();
  EXPECT_THAT(full, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(outcomes_.count(), 0u);
}

TEST_F(FairBudgetTest, SpendingIsRecordedByCallerAndMethod) {
  auto slots = TakeBoth();
  ASSERT_THAT(Spending().spending(), SizeIs(1));
  EXPECT_EQ(Spending().spending(0).caller(), "billing");
  EXPECT_EQ(Spending().spending(0).method(), "Method");
  EXPECT_EQ(Spending().spending(0).requests(), 2);
  slots[0]->NotSent();
  Flush();
  EXPECT_EQ(Spending().spending(0).requests(), 1);
}

TEST_F(FairBudgetTest, WhatWasNotSentIsTakenFromTheHourThatHasPaidForIt) {
  auto slots = TakeBoth();
  Advance(absl::Hours(1));
  slots[0]->NotSent();
  Flush();
  ASSERT_THAT(Spending().spending(), SizeIs(1));
  EXPECT_EQ(Spending().spending(0).requests(), 1);
}

TEST_F(FairBudgetTest, SavedCallsAreRecordedWhenTheBudgetEnds) {
  budget_->RecordSaved("billing", "GetUser");
  budget_->RecordSaved("billing", "GetUser");
  budget_.reset();
  Flush();
  ASSERT_THAT(Spending().spending(), SizeIs(1));
  EXPECT_EQ(Spending().spending(0).saved(), 2);
  EXPECT_EQ(Spending().spending(0).requests(), 0);
}

TEST_F(FairBudgetTest, SpendingIsListedInPages) {
  for (int hour = 0; hour < 5; ++hour) {
    EXPECT_THAT(store_->Write([&](Transaction& transaction) {
      return budget_table::AddSpending(transaction, 777,
                                       {"a/b", "GetUser", hour + 1, 0},
                                       clock_.Now() + absl::Hours(hour));
    }),
                IsOk());
  }
  std::vector<int64_t> requests;
  std::string token;
  do {
    const v1::ListSpendingResponse page = Spending(2, token);
    for (const auto& row : page.spending()) requests.push_back(row.requests());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(requests, ::testing::ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(FairBudgetTest, SpendingIsKeptForThirtyDays) {
  EXPECT_THAT(store_->Write([&](Transaction& transaction) {
    return budget_table::AddSpending(transaction, 777, {"a", "GetUser", 1, 0},
                                     clock_.Now());
  }),
              IsOk());
  const auto delete_old = [&] {
    EXPECT_THAT(store_->Write([&](Transaction& transaction) {
      return budget_table::DeleteOldSpending(transaction, 777, clock_.Now());
    }),
                IsOk());
  };
  clock_.AdvanceTime(absl::Hours(30 * 24));
  delete_old();
  EXPECT_THAT(Spending().spending(), SizeIs(1));
  clock_.AdvanceTime(absl::Hours(1));
  delete_old();
  EXPECT_THAT(Spending().spending(), IsEmpty());
}

TEST_F(FairBudgetTest, ForeignPageTokensAreRefused) {
  v1::ListSpendingResponse response;
  for (const char* token : {"x", "1/2", "a/b/c"}) {
    EXPECT_THAT(store_->Read([&](Connection& connection) {
      return budget_table::ListSpending(connection, 777, absl::UnixEpoch(), 10,
                                        token, &response);
    }),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

// Thousands of grants and answers leave no more rows than slots.
TEST_F(FairBudgetTest, TheTableStaysSmall) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_OK_AND_ASSIGN(auto slot, Acquire(v1::BULK));
    slot->Answered();
    Advance(kSlotHold);
  }
  Flush();
  int64_t rows = 0;
  EXPECT_THAT(store_->Read([&](Connection& connection) -> absl::Status {
    auto count = connection.Prepare("SELECT COUNT(*) FROM budget_slots");
    EXPECT_THAT(count->Step(), IsOkAndHolds(true));
    rows = count->Int(0);
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_LE(rows, 3);
}

TEST_F(FairBudgetTest, OptionsThatMakeNoSenseAreRefused) {
  options_.scheduler.reply_reserve = 3;
  EXPECT_THAT(FairBudget::Open(*store_, clock_, options_).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace chatgate
