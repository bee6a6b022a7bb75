// What a budget knows after a restart, and clocks that are set.
#include <memory>
#include <utility>
#include <vector>

#include "tests/budget/fair_budget_fixture.h"

namespace chatgate {
namespace {

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

}  // namespace
}  // namespace chatgate
