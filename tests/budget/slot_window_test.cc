#include "server/budget/slot_window.h"

#include "gtest/gtest.h"

namespace chatgate {
namespace {

constexpr bool kReply = true;
constexpr bool kOther = false;

class SlotWindowTest : public ::testing::Test {
 protected:
  absl::Time At(absl::Duration after) { return start_ + after; }
  void Take(int count, bool reply = kOther) { TakeOf(window_, count, reply); }
  static void TakeOf(SlotWindow& window, int count, bool reply) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(window.MayTake(reply)) << i;
      window.Take(reply);
    }
  }

  const absl::Time start_ = absl::FromUnixSeconds(1'700'000'000);
  SlotWindow window_{10, 2};
};

TEST_F(SlotWindowTest, TheReserveIsForRepliesAlone) {
  Take(8);
  EXPECT_FALSE(window_.MayTake(kOther));
  Take(2, kReply);
  EXPECT_FALSE(window_.MayTake(kReply));
}

TEST_F(SlotWindowTest, OnceHalfIsUsedOthersGoOneInASlotTime) {
  SlotWindow window(60, 6);
  window.Expire(start_);
  TakeOf(window, 27, kOther);
  EXPECT_FALSE(window.MayTake(kOther));
  EXPECT_TRUE(window.MayTake(kReply));
  EXPECT_EQ(window.next_change(), At(absl::Seconds(1)));
  window.Expire(At(absl::Seconds(1)));
  TakeOf(window, 1, kOther);
  EXPECT_FALSE(window.MayTake(kOther));
}

TEST_F(SlotWindowTest, ThePaceTellsWhenOthersStart) {
  SlotWindow window(60, 6);
  window.Expire(start_);
  TakeOf(window, 27, kOther);
  EXPECT_EQ(window.EarliestStart(kOther, {}, start_), At(absl::Seconds(1)));
  EXPECT_EQ(window.EarliestStart(kOther, {.others = 4}, start_),
            At(absl::Seconds(5)));
  EXPECT_EQ(window.EarliestStart(kOther, {.replies = 4}, start_),
            At(absl::Seconds(1)));
  EXPECT_EQ(window.EarliestStart(kReply, {.replies = 4}, start_), start_);
}

// Of 60 with a reserve of 6, 27 others together end together. Until then as
// many replies find a slot as half of what others may have.
TEST_F(SlotWindowTest, ThePaceLeavesRoomForRepliesUntilSlotsEnd) {
  SlotWindow window(60, 6);
  absl::Time now = start_;
  window.Expire(now);
  TakeOf(window, 27, kOther);
  for (int i = 0; i < 27; ++i) window.Answered(now);
  int others = 27;
  for (; now < At(kSlotHold); now += absl::Seconds(1)) {
    window.Expire(now);
    if (window.MayTake(kOther)) {
      window.Take(kOther);
      window.Answered(now);
      ++others;
    }
    const double left =
        absl::ToDoubleSeconds(At(kSlotHold) - now - absl::Seconds(1));
    EXPECT_GE(60 - others, 6 + static_cast<int>(left * 27 / 60)) << now;
  }
  EXPECT_GE(others, 53);
}

TEST_F(SlotWindowTest, ThePaceEndsWhereSlotsEnd) {
  SlotWindow window(60, 6);
  window.Expire(start_);
  TakeOf(window, 27, kOther);
  window.Answered(start_);
  window.Expire(At(kSlotHold - absl::Seconds(3)));
  TakeOf(window, 1, kOther);
  window.Answered(At(kSlotHold - absl::Seconds(3)));
  // Two must end, and one of them is under way for at least a minute more.
  EXPECT_EQ(window.EarliestStart(kOther, {.others = 2}, At(kSlotHold)),
            At(kSlotHold));
}

TEST_F(SlotWindowTest, RepliesHaveNoPace) {
  SlotWindow window(60, 6);
  window.Expire(start_);
  TakeOf(window, 60, kReply);
}

// However many replies there were.
TEST_F(SlotWindowTest, OthersLeaveTheReserveFree) {
  Take(5, kReply);
  Take(3);
  EXPECT_FALSE(window_.MayTake(kOther));
  Take(2, kReply);
}

TEST_F(SlotWindowTest, RepliesMayUseEverything) {
  Take(10, kReply);
  EXPECT_FALSE(window_.MayTake(kReply));
  EXPECT_FALSE(window_.MayTake(kOther));
}

TEST_F(SlotWindowTest, ASlotCountsUntilSixtySecondsAfterTheAnswer) {
  Take(8);
  window_.Answered(At(absl::Seconds(5)));
  window_.Expire(At(absl::Seconds(65)));
  EXPECT_FALSE(window_.MayTake(kOther));
  window_.Expire(At(absl::Seconds(5) + kSlotHold));
  EXPECT_TRUE(window_.MayTake(kOther));
}

TEST_F(SlotWindowTest, WhatWasLostCountsAsIfItArrivedAsLateAsItMay) {
  Take(8);
  EXPECT_EQ(window_.Lost(At(absl::Seconds(5)), absl::Seconds(20)),
            At(absl::Seconds(25) + kSlotHold));
  window_.Expire(At(absl::Seconds(24) + kSlotHold));
  EXPECT_FALSE(window_.MayTake(kOther));
  window_.Expire(At(absl::Seconds(25) + kSlotHold));
  EXPECT_TRUE(window_.MayTake(kOther));
}

TEST_F(SlotWindowTest, WhatWasNeverAnsweredCountsForEver) {
  Take(8);
  window_.Expire(At(absl::Hours(10)));
  EXPECT_FALSE(window_.MayTake(kOther));
}

TEST_F(SlotWindowTest, WhatWasNotSentIsFreeAtOnce) {
  Take(8);
  window_.NotSent();
  EXPECT_TRUE(window_.MayTake(kOther));
  EXPECT_EQ(window_.used(), 7);
}

TEST_F(SlotWindowTest, A429ClosesForWhatThePlatformSays) {
  Take(1);
  window_.TooMany(At(absl::ZeroDuration()), absl::Seconds(7));
  EXPECT_FALSE(window_.MayTake(kReply));
  EXPECT_EQ(window_.EarliestStart(kReply, {}, At(absl::Seconds(1))),
            At(absl::Seconds(7)));
  window_.Expire(At(absl::Seconds(6)));
  EXPECT_FALSE(window_.MayTake(kReply));
  window_.Expire(At(absl::Seconds(7)));
  EXPECT_TRUE(window_.MayTake(kReply));
}

TEST_F(SlotWindowTest, A429WithoutAWordClosesUntilTheOldestSlotFrees) {
  Take(2);
  window_.Answered(At(absl::Seconds(0)));
  window_.TooMany(At(absl::Seconds(10)), std::nullopt);
  EXPECT_EQ(window_.closed_until(), At(kSlotHold));
}

TEST_F(SlotWindowTest, AnAbsurdWaitIsCut) {
  Take(1);
  window_.TooMany(At(absl::Seconds(0)), absl::Hours(9000));
  EXPECT_EQ(window_.closed_until(), At(SlotWindow::kClosedMax));
}

TEST_F(SlotWindowTest, TheLimitIsLearnedDownOnceForAllThatWereUnderWay) {
  Take(3);
  window_.TooMany(At(absl::Seconds(0)), absl::Seconds(7));
  window_.TooMany(At(absl::Seconds(1)), absl::Seconds(7));
  EXPECT_EQ(window_.limit_now(), 7);
  EXPECT_EQ(window_.too_many(), 2);
  EXPECT_EQ(window_.closed_until(), At(absl::Seconds(8)));
  window_.Expire(At(absl::Seconds(8)));
  window_.TooMany(At(absl::Seconds(9)), absl::Seconds(7));
  EXPECT_EQ(window_.limit_now(), 5);
}

TEST_F(SlotWindowTest, TheLimitRecoversByOneAMinute) {
  Take(1);
  window_.TooMany(At(absl::Seconds(0)), absl::Seconds(1));
  EXPECT_EQ(window_.limit_now(), 7);
  window_.Expire(At(absl::Seconds(61)));
  EXPECT_EQ(window_.limit_now(), 8);
  window_.Expire(At(absl::Minutes(3)));
  EXPECT_EQ(window_.limit_now(), 10);
  EXPECT_FALSE(window_.learned().has_value());
  window_.Expire(At(absl::Hours(3)));
  EXPECT_EQ(window_.limit_now(), 10);
}

TEST_F(SlotWindowTest, AtLeastOneRequestIsAllowedEvenForOthers) {
  absl::Time now = start_;
  for (int i = 0; i < 20; ++i) {
    window_.Expire(now);
    window_.Take(kOther);
    window_.TooMany(now, absl::Seconds(1));
    now += absl::Seconds(2);
  }
  EXPECT_EQ(window_.limit_now(), 1);
  EXPECT_EQ(window_.reserve_now(), 0);
}

TEST_F(SlotWindowTest, TellsWhenToLookAgain) {
  EXPECT_EQ(window_.next_change(), absl::InfiniteFuture());
  Take(2);
  EXPECT_EQ(window_.next_change(), absl::InfiniteFuture());
  window_.Answered(At(absl::Seconds(1)));
  EXPECT_EQ(window_.next_change(), At(absl::Seconds(1) + kSlotHold));
  window_.TooMany(At(absl::Seconds(2)), absl::Seconds(3));
  EXPECT_EQ(window_.next_change(), At(absl::Seconds(5)));
  window_.Expire(At(absl::Seconds(5)));
  EXPECT_EQ(window_.next_change(), At(absl::Seconds(1) + kSlotHold));
}

TEST_F(SlotWindowTest, WhatAnotherProcessLeftCounts) {
  for (int i = 0; i < 8; ++i) window_.Restore(At(absl::Seconds(30)));
  EXPECT_FALSE(window_.MayTake(kOther));
  window_.RestoreLearned({4, start_});
  window_.Expire(start_);
  EXPECT_FALSE(window_.MayTake(kReply));
  window_.Expire(At(absl::Seconds(30)));
  EXPECT_EQ(window_.used(), 0);
  EXPECT_EQ(window_.limit_now(), 4);
}

}  // namespace
}  // namespace chatgate
