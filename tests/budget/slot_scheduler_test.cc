#include "server/budget/slot_scheduler.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SlotSchedulerTest : public ::testing::Test {
 protected:
  static SchedulerOptions Small() {
    SchedulerOptions options;
    options.limit = 3;
    options.reply_reserve = 1;
    options.waiting_max = 4;
    return options;
  }

  std::vector<uint64_t> Ask(v1::Priority priority,
                            const std::string& caller = "a",
                            absl::Duration patience = absl::Hours(1)) {
    const auto decisions = scheduler_.Ask(
        ++last_id_, {priority, caller, "Method", now_ + patience}, now_);
    for (const auto& refusal : decisions.refused) refused_.push_back(refusal);
    return decisions.granted;
  }
  std::vector<uint64_t> Wait(absl::Duration time) {
    now_ += time;
    const auto decisions = scheduler_.Decide(now_);
    for (const auto& refusal : decisions.refused) refused_.push_back(refusal);
    return decisions.granted;
  }
  std::vector<uint64_t> Refused() {
    std::vector<uint64_t> ids;
    for (const auto& refusal : refused_) ids.push_back(refusal.id);
    return ids;
  }
  // Both slots of others are answered now.
  void UseUp() {
    EXPECT_THAT(Ask(v1::BULK), ElementsAre(1));
    EXPECT_THAT(Ask(v1::BULK), ElementsAre(2));
    scheduler_.window().Answered(now_);
    scheduler_.window().Answered(now_);
  }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  SlotScheduler scheduler_{Small()};
  uint64_t last_id_ = 0;
  std::vector<SlotScheduler::Refusal> refused_;
};

TEST_F(SlotSchedulerTest, GrantsAtOnceWhatIsFree) {
  EXPECT_THAT(Ask(v1::BULK), ElementsAre(1));
  EXPECT_THAT(Ask(v1::BULK), ElementsAre(2));
  EXPECT_THAT(Ask(v1::BULK), IsEmpty());
  EXPECT_THAT(Ask(v1::REPLY), ElementsAre(4));
  EXPECT_THAT(Ask(v1::REPLY), IsEmpty());
}

TEST_F(SlotSchedulerTest, GrantsWhatWaitsOnceASlotIsFree) {
  UseUp();
  Ask(v1::BULK);
  Ask(v1::MUTATION);
  EXPECT_EQ(scheduler_.next_look(), now_ + kSlotHold);
  EXPECT_THAT(Wait(kSlotHold), ElementsAre(4, 3));
}

TEST_F(SlotSchedulerTest, RefusesAtOnceWhatCannotStartInTime) {
  UseUp();
  EXPECT_THAT(Ask(v1::BULK, "a", absl::Seconds(30)), IsEmpty());
  ASSERT_THAT(Refused(), ElementsAre(3));
  EXPECT_EQ(refused_[0].start_in, kSlotHold);
  EXPECT_EQ(scheduler_.waiting(), 0u);
}

TEST_F(SlotSchedulerTest, TakesWhatCanStartJustInTime) {
  UseUp();
  Ask(v1::BULK, "a", kSlotHold);
  EXPECT_THAT(Refused(), IsEmpty());
  EXPECT_THAT(Wait(kSlotHold), IsEmpty());
  EXPECT_THAT(Refused(), ElementsAre(3));  // It is too late to send it now.
}

TEST_F(SlotSchedulerTest, CountsThoseWhoGoBefore) {
  UseUp();
  Ask(v1::MUTATION);
  Ask(v1::MUTATION);
  Ask(v1::BULK, "a", absl::Seconds(100));
  ASSERT_THAT(Refused(), ElementsAre(5));
  EXPECT_EQ(refused_[0].start_in, 2 * kSlotHold);
}

TEST_F(SlotSchedulerTest, RefusesWhatHasWaitedUntilItsDeadline) {
  UseUp();
  now_ += absl::Seconds(30);
  Ask(v1::BULK, "a", absl::Seconds(40));
  Ask(v1::MUTATION, "b");
  Ask(v1::MUTATION, "b");
  EXPECT_THAT(Wait(kSlotHold - absl::Seconds(30)), ElementsAre(4, 5));
  EXPECT_THAT(Wait(absl::Seconds(10)), IsEmpty());
  EXPECT_THAT(Refused(), ElementsAre(3));
}

TEST_F(SlotSchedulerTest, ACallWhoseTimeIsUpIsRefused) {
  Ask(v1::BULK, "a", absl::ZeroDuration());
  EXPECT_THAT(Refused(), ElementsAre(1));
  EXPECT_EQ(scheduler_.window().used(), 0);
}

TEST_F(SlotSchedulerTest, EphemeralCallsWaitFiveSecondsAtMost) {
  UseUp();
  now_ += kSlotHold - absl::Seconds(6);
  Ask(v1::EPHEMERAL);
  EXPECT_THAT(Refused(), ElementsAre(3));
  now_ += absl::Seconds(2);
  Ask(v1::EPHEMERAL);
  EXPECT_THAT(Refused(), ElementsAre(3));
  EXPECT_THAT(Wait(absl::Seconds(4)), ElementsAre(4));
}

TEST_F(SlotSchedulerTest, WhereTheLineIsFullWhoIsLastGoes) {
  UseUp();
  for (int i = 0; i < 4; ++i) Ask(v1::BULK);
  EXPECT_THAT(Refused(), IsEmpty());
  Ask(v1::BULK);
  EXPECT_THAT(Refused(), ElementsAre(7));
  Ask(v1::BULK, "b");
  EXPECT_THAT(Refused(), ElementsAre(7, 6));
  Ask(v1::MUTATION);
  EXPECT_THAT(Refused(), ElementsAre(7, 6, 5));
  EXPECT_TRUE(refused_.back().line_full);
  EXPECT_EQ(scheduler_.waiting(), 4u);
}

TEST_F(SlotSchedulerTest, A429KeepsTheOrder) {
  UseUp();
  Ask(v1::REPLY);
  Ask(v1::BULK);
  Ask(v1::REPLY, "b");
  Ask(v1::REPLY, "a");
  scheduler_.window().TooMany(now_, absl::Seconds(70));
  EXPECT_THAT(Wait(absl::Seconds(69)), IsEmpty());
  EXPECT_EQ(scheduler_.next_look(), now_ + absl::Seconds(1));
  // Two are allowed now, one of them to replies alone.
  EXPECT_THAT(Wait(absl::Seconds(1)), ElementsAre(5, 6));
}

TEST_F(SlotSchedulerTest, A429RefusesWhatCanNoLongerStartInTime) {
  UseUp();
  EXPECT_THAT(Ask(v1::REPLY), ElementsAre(3));
  Ask(v1::BULK, "a", absl::Seconds(70));
  scheduler_.window().TooMany(now_, absl::Seconds(80));
  Wait(absl::Seconds(1));
  EXPECT_THAT(Refused(), ElementsAre(4));
  EXPECT_EQ(refused_[0].start_in, absl::Seconds(79));
}

TEST_F(SlotSchedulerTest, ClosingTakesOutEverybody) {
  UseUp();
  Ask(v1::BULK);
  Ask(v1::MUTATION);
  EXPECT_THAT(scheduler_.Close(), ElementsAre(3, 4));
  EXPECT_EQ(scheduler_.waiting(), 0u);
  EXPECT_EQ(scheduler_.next_look(), absl::InfiniteFuture());
}

TEST_F(SlotSchedulerTest, TheSnapshotTellsHowItStands) {
  UseUp();
  Ask(v1::BULK, "b");
  Ask(v1::REPLY);
  scheduler_.window().TooMany(now_, absl::Seconds(7));
  const v1::Budget budget = scheduler_.Snapshot(now_);
  EXPECT_EQ(budget.limit(), 3);
  EXPECT_EQ(budget.limit_now(), 2);
  EXPECT_EQ(budget.reply_reserve(), 1);
  EXPECT_EQ(budget.used(), 3);
  EXPECT_EQ(budget.free(), 0);
  EXPECT_EQ(budget.closed_until().seconds(), absl::ToUnixSeconds(now_) + 7);
  EXPECT_EQ(budget.next_free_time().seconds(), absl::ToUnixSeconds(now_) + 60);
  EXPECT_EQ(budget.too_many_requests(), 1);
  ASSERT_EQ(budget.queues_size(), 1);
  EXPECT_EQ(budget.queues(0).caller(), "b");
  EXPECT_EQ(budget.queues(0).priority(), v1::BULK);
  EXPECT_EQ(budget.queues(0).waiting(), 1);
  ASSERT_EQ(budget.waits_size(), 5);
  EXPECT_EQ(budget.waits(0).priority(), v1::REPLY);
  EXPECT_EQ(budget.waits(0).wait_ms(), 60'010);
}

}  // namespace
}  // namespace chatgate
