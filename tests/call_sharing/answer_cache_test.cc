#include "server/call_sharing/answer_cache.h"

#include "gtest/gtest.h"

namespace chatgate {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TEST(AnswerCacheTest, GivesWhatIsYoungEnough) {
  AnswerCache cache(1 << 20);
  cache.Put("a", {7, 1}, {"bytes", kNow});
  ASSERT_NE(cache.Find("a", kNow, kNow + absl::Seconds(1)), nullptr);
  EXPECT_EQ(cache.Find("a", kNow, kNow + absl::Seconds(1))->bytes, "bytes");
  EXPECT_EQ(cache.Find("a", kNow + absl::Seconds(1), kNow + absl::Seconds(1)),
            nullptr);
  EXPECT_EQ(cache.Find("b", kNow, kNow + absl::Seconds(1)), nullptr);
}

TEST(AnswerCacheTest, TheLongestUnusedGoesFirst) {
  AnswerCache cache(5'000);
  const std::string big(1'000, 'x');
  cache.Put("a", {7, 1}, {big, kNow});
  cache.Put("b", {7, 1}, {big, kNow});
  cache.Put("c", {7, 1}, {big, kNow});
  EXPECT_NE(cache.Find("a", kNow, kNow + absl::Seconds(1)), nullptr);
  cache.Put("d", {7, 1}, {big, kNow});
  EXPECT_NE(cache.Find("a", kNow, kNow + absl::Seconds(1)), nullptr);
  EXPECT_EQ(cache.Find("b", kNow, kNow + absl::Seconds(1)), nullptr);
  EXPECT_LE(cache.bytes(), 5'000u);
}

TEST(AnswerCacheTest, WhatIsTooLargeIsNotKept) {
  AnswerCache cache(5'000);
  cache.Put("small", {7, 1}, {"x", kNow});
  cache.Put("a", {7, 1}, {std::string(6'000, 'x'), kNow});
  EXPECT_EQ(cache.Find("a", kNow, kNow + absl::Seconds(1)), nullptr);
  EXPECT_NE(cache.Find("small", kNow, kNow + absl::Seconds(1)), nullptr);
}

TEST(AnswerCacheTest, ANewAnswerReplacesTheOld) {
  AnswerCache cache(1 << 20);
  cache.Put("a", {7, 1}, {std::string(100, 'x'), kNow});
  const size_t before = cache.bytes();
  cache.Put("a", {7, 1}, {std::string(100, 'y'), kNow + absl::Seconds(1)});
  EXPECT_EQ(cache.bytes(), before);
  EXPECT_EQ(cache.Find("a", kNow, kNow + absl::Seconds(1))->as_of,
            kNow + absl::Seconds(1));
}

TEST(AnswerCacheTest, ForgetsBySubject) {
  AnswerCache cache(1 << 20);
  cache.Put("one", {7, 1}, {"x", kNow});
  cache.Put("two", {7, 2}, {"x", kNow});
  cache.Put("list", {7, 0}, {"x", kNow});
  cache.Put("other", {8, 1}, {"x", kNow});
  cache.DropConversation({7, 1});
  EXPECT_EQ(cache.Find("one", kNow, kNow + absl::Seconds(1)), nullptr);
  EXPECT_NE(cache.Find("list", kNow, kNow + absl::Seconds(1)), nullptr);
  cache.DropLists(7);
  EXPECT_EQ(cache.Find("list", kNow, kNow + absl::Seconds(1)), nullptr);
  EXPECT_NE(cache.Find("two", kNow, kNow + absl::Seconds(1)), nullptr);
  cache.DropApp(7);
  EXPECT_EQ(cache.Find("two", kNow, kNow + absl::Seconds(1)), nullptr);
  EXPECT_NE(cache.Find("other", kNow, kNow + absl::Seconds(1)), nullptr);
  cache.DropApp(8);
  EXPECT_EQ(cache.bytes(), 0u);
}

// Of an answer of the future nobody knows how old it is.
TEST(AnswerCacheTest, FindsNothingFromBeforeTheClockWasSetBack) {
  AnswerCache cache(10'000);
  cache.Put("a", {777, 1}, {"bytes", kNow});
  const absl::Time earlier = kNow - absl::Hours(1);
  EXPECT_EQ(cache.Find("a", earlier - absl::Seconds(5), earlier), nullptr);
}

}  // namespace
}  // namespace chatgate
