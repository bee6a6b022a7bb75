// Who is granted a slot, and how slots end.
#include "server/backend/error_table.h"
#include "tests/budget/fair_budget_fixture.h"

namespace chatgate {
namespace {

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

TEST_F(FairBudgetTest, ASlotMayOutliveTheBudget) {
  auto slots = TakeBoth();
  budget_.reset();
  slots[0]->Answered();
  slots[1]->NotSent();
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

TEST_F(FairBudgetTest, OptionsThatMakeNoSenseAreRefused) {
  options_.scheduler.reply_reserve = 3;
  EXPECT_THAT(FairBudget::Open(*store_, clock_, options_).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace chatgate
