#include "server/budget/slot_count.h"

#include "gtest/gtest.h"

namespace chatgate {
namespace {

constexpr absl::Duration kHold = absl::Seconds(60);

absl::Time At(int seconds) { return absl::FromUnixSeconds(1000 + seconds); }

TEST(SlotCountTest, CountsWhatIsUnderWayAndWhatHasAnEnd) {
  SlotCount count;
  count.Take();
  count.Take();
  EXPECT_EQ(count.used(), 2);
  EXPECT_EQ(count.next_free(), absl::InfiniteFuture());
  count.EndAt(At(60));
  EXPECT_EQ(count.used(), 2);
  EXPECT_EQ(count.next_free(), At(60));
  count.GiveBack();
  EXPECT_EQ(count.used(), 1);
}

TEST(SlotCountTest, ForgetsWhatHasEnded) {
  SlotCount count;
  count.Add(At(70));
  count.Add(At(60));
  count.Expire(At(59));
  EXPECT_EQ(count.used(), 2);
  count.Expire(At(60));
  EXPECT_EQ(count.used(), 1);
  EXPECT_EQ(count.next_free(), At(70));
}

TEST(SlotCountTest, StartsNowWhereThereIsRoom) {
  SlotCount count;
  EXPECT_EQ(count.EarliestStart(2, 3, kHold, At(0)), At(0));
}

TEST(SlotCountTest, StartsWhenEnoughHaveEnded) {
  SlotCount count;
  for (const int end : {10, 20, 30}) count.Add(At(end));
  EXPECT_EQ(count.EarliestStart(0, 3, kHold, At(0)), At(10));
  EXPECT_EQ(count.EarliestStart(1, 3, kHold, At(0)), At(20));
  EXPECT_EQ(count.EarliestStart(2, 3, kHold, At(0)), At(30));
}

TEST(SlotCountTest, WhoStandsALimitFurtherBackStartsAHoldLater) {
  SlotCount count;
  for (const int end : {10, 20, 30}) count.Add(At(end));
  EXPECT_EQ(count.EarliestStart(3, 3, kHold, At(0)), At(70));
  EXPECT_EQ(count.EarliestStart(7, 3, kHold, At(0)), At(140));
}

TEST(SlotCountTest, WhatIsUnderWayEndsAHoldFromNowAtBest) {
  SlotCount count;
  count.Add(At(10));
  count.Take();
  EXPECT_EQ(count.EarliestStart(0, 2, kHold, At(0)), At(10));
  EXPECT_EQ(count.EarliestStart(1, 2, kHold, At(0)), At(60));
}

TEST(SlotCountTest, ALowerLimitNeedsMoreEnds) {
  SlotCount count;
  for (const int end : {10, 20, 30, 40}) count.Add(At(end));
  EXPECT_EQ(count.EarliestStart(0, 2, kHold, At(0)), At(30));
}

// Two at once, and one in ten seconds.
const ReplyRoom kRoom = {2, absl::Seconds(10), absl::Seconds(1)};

TEST(SlotCountTest, LeavesRoomAtOnceWhereEnoughIsFree) {
  SlotCount count;
  count.Add(At(60));
  // Two are left for those at once, and five for those who come until then.
  EXPECT_EQ(count.RoomFrom(9, kRoom, kHold, At(60)), absl::InfinitePast());
}

TEST(SlotCountTest, LeavesRoomUntilTheNextSlotsEnd) {
  SlotCount count;
  for (int i = 0; i < 4; ++i) count.Add(At(60));
  // Of nine one more is taken and two stay free: then two are left, and the
  // third would come after 30 seconds.
  EXPECT_EQ(count.RoomFrom(9, kRoom, kHold, At(60)), At(60 - 31));
  count.Add(At(45));
  // Now one is left until 45, and two from then on.
  EXPECT_EQ(count.RoomFrom(9, kRoom, kHold, At(60)), At(60 - 31));
  count.Add(At(59));
  EXPECT_EQ(count.RoomFrom(9, kRoom, kHold, At(60)), At(59 - 21));
}

TEST(SlotCountTest, WhatHasNoEndLeavesNoRoom) {
  SlotCount count;
  for (int i = 0; i < 4; ++i) count.Take();
  EXPECT_EQ(count.RoomFrom(9, kRoom, kHold, absl::InfiniteFuture()),
            absl::InfiniteFuture());
  EXPECT_EQ(count.RoomFrom(9, kRoom, kHold, At(60)), At(60 - 31));
}

}  // namespace
}  // namespace chatgate
