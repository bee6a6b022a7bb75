#include "server/budget/waiting_line.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

class WaitingLineTest : public ::testing::Test {
 protected:
  // Everybody who waits, in the order in which they go.
  static std::vector<uint64_t> ServeAll(WaitingLine& line,
                                        size_t calls_max = 1000) {
    std::vector<uint64_t> served;
    while (served.size() < calls_max) {
      const std::optional<uint64_t> next = line.Next(false);
      if (!next.has_value()) break;
      line.Serve(*next);
      served.push_back(*next);
    }
    return served;
  }

  WaitingLine line_{{{"heavy", 3}}};
};

TEST_F(WaitingLineTest, GoesByClass) {
  line_.Add(1, v1::EPHEMERAL, "a");
  line_.Add(2, v1::BULK, "a");
  line_.Add(3, v1::INTERACTIVE, "a");
  line_.Add(4, v1::MUTATION, "a");
  line_.Add(5, v1::REPLY, "a");
  EXPECT_THAT(ServeAll(line_), ElementsAre(5, 4, 3, 2, 1));
}

TEST_F(WaitingLineTest, OfOneCallerTheOldestGoesFirst) {
  for (uint64_t id = 1; id <= 4; ++id) line_.Add(id, v1::BULK, "a");
  EXPECT_THAT(ServeAll(line_), ElementsAre(1, 2, 3, 4));
}

TEST_F(WaitingLineTest, CallersTakeTurns) {
  for (uint64_t id = 1; id <= 4; ++id) line_.Add(id, v1::BULK, "a");
  line_.Add(5, v1::BULK, "b");
  line_.Add(6, v1::BULK, "b");
  EXPECT_THAT(ServeAll(line_), ElementsAre(1, 5, 2, 6, 3, 4));
}

TEST_F(WaitingLineTest, WeightIsTheShare) {
  for (uint64_t id = 1; id <= 20; ++id) line_.Add(id, v1::BULK, "light");
  for (uint64_t id = 21; id <= 40; ++id) line_.Add(id, v1::BULK, "heavy");
  int heavy = 0;
  for (const uint64_t id : ServeAll(line_, 20)) heavy += id > 20 ? 1 : 0;
  EXPECT_EQ(heavy, 15);
}

// What the other does not use is borrowed, and not paid back.
TEST_F(WaitingLineTest, NothingIsSavedUpByPausing) {
  for (uint64_t id = 1; id <= 100; ++id) line_.Add(id, v1::BULK, "a");
  ServeAll(line_, 50);
  for (uint64_t id = 101; id <= 150; ++id) line_.Add(id, v1::BULK, "b");
  int of_b = 0;
  for (const uint64_t id : ServeAll(line_, 20)) of_b += id > 100 ? 1 : 0;
  EXPECT_NEAR(of_b, 10, 1);
}

TEST_F(WaitingLineTest, WhoGivesUpPaysNothing) {
  for (uint64_t id = 1; id <= 4; ++id) line_.Add(id, v1::BULK, "a");
  line_.Add(5, v1::BULK, "b");
  line_.Add(6, v1::BULK, "b");
  line_.Remove(1);
  line_.Remove(2);
  EXPECT_THAT(ServeAll(line_), ElementsAre(3, 5, 4, 6));
}

TEST_F(WaitingLineTest, RepliesAloneWhereOnlyTheyMayGo) {
  line_.Add(1, v1::MUTATION, "a");
  EXPECT_EQ(line_.Next(true), std::nullopt);
  line_.Add(2, v1::REPLY, "a");
  EXPECT_THAT(line_.Next(true), Optional(2));
}

TEST_F(WaitingLineTest, ALowerClassHasATurnAfterEight) {
  for (uint64_t id = 1; id <= 30; ++id) line_.Add(id, v1::MUTATION, "a");
  line_.Add(31, v1::BULK, "b");
  line_.Add(32, v1::INTERACTIVE, "b");
  EXPECT_THAT(ServeAll(line_, 18), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 31, 9,
                                               10, 11, 12, 13, 14, 15, 16, 32));
}

TEST_F(WaitingLineTest, RepliesGiveNoTurns) {
  line_.Add(1, v1::BULK, "b");
  for (uint64_t id = 2; id <= 21; ++id) line_.Add(id, v1::REPLY, "a");
  EXPECT_EQ(ServeAll(line_).back(), 1u);
}

TEST_F(WaitingLineTest, EphemeralCallsHaveNoTurns) {
  line_.Add(1, v1::EPHEMERAL, "b");
  for (uint64_t id = 2; id <= 21; ++id) line_.Add(id, v1::MUTATION, "a");
  EXPECT_EQ(ServeAll(line_).back(), 1u);
}

TEST_F(WaitingLineTest, CountsWhoGoesBeforeANewCall) {
  line_.Add(1, v1::REPLY, "a");
  line_.Add(2, v1::MUTATION, "a");
  for (uint64_t id = 3; id <= 6; ++id) line_.Add(id, v1::BULK, "a");
  EXPECT_EQ(line_.AheadOfNew(v1::REPLY, "b"), 1);
  EXPECT_EQ(line_.AheadOfNew(v1::MUTATION, "b"), 2);
  // One of the flood goes before the first of another caller.
  EXPECT_EQ(line_.AheadOfNew(v1::BULK, "b"), 3);
  EXPECT_EQ(line_.AheadOfNew(v1::BULK, "a"), 6);
}

TEST_F(WaitingLineTest, CountsNoMoreOfAHigherClassThanTurnsLetGoBefore) {
  for (uint64_t id = 1; id <= 100; ++id) line_.Add(id, v1::MUTATION, "a");
  EXPECT_EQ(line_.AheadOfNew(v1::INTERACTIVE, "b"), 8);
  EXPECT_EQ(line_.AheadOfNew(v1::EPHEMERAL, "b"), 100);
  line_.Add(101, v1::INTERACTIVE, "b");
  ServeAll(line_, 3);
  EXPECT_EQ(line_.AheadOfNew(v1::INTERACTIVE, "b"), 1 + 16 - 3);
}

TEST_F(WaitingLineTest, TheLastIsTheNewestOfWhoFloodsTheLowestClass) {
  line_.Add(1, v1::MUTATION, "a");
  EXPECT_THAT(line_.Last(), Optional(1));
  for (uint64_t id = 2; id <= 5; ++id) line_.Add(id, v1::BULK, "a");
  line_.Add(6, v1::BULK, "b");
  EXPECT_THAT(line_.Last(), Optional(5));
}

}  // namespace
}  // namespace chatgate
