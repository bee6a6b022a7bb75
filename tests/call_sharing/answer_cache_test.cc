#include "server/call_sharing/answer_cache.h"

#include "gtest/gtest.h"

namespace chatgate {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

Moment At(absl::Time time) { return {time, time}; }

std::shared_ptr<const std::string> Bytes(const std::string& bytes) {
  return std::make_shared<const std::string>(bytes);
}

TEST(AnswerCacheTest, GivesWhatIsYoungEnough) {
  AnswerCache cache(1 << 20);
  cache.Put("a", {7, 1}, {Bytes("bytes"), At(kNow)});
  ASSERT_NE(cache.Find("a", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  EXPECT_EQ(
      *cache.Find("a", absl::Seconds(1), At(kNow + absl::Seconds(1)))->bytes,
      "bytes");
  EXPECT_EQ(cache.Find("a", absl::ZeroDuration(), At(kNow + absl::Seconds(1))),
            nullptr);
  EXPECT_EQ(cache.Find("b", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
}

TEST(AnswerCacheTest, TheLongestUnusedGoesFirst) {
  AnswerCache cache(5'000);
  const std::string big(1'000, 'x');
  cache.Put("a", {7, 1}, {Bytes(big), At(kNow)});
  cache.Put("b", {7, 1}, {Bytes(big), At(kNow)});
  cache.Put("c", {7, 1}, {Bytes(big), At(kNow)});
  EXPECT_NE(cache.Find("a", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  cache.Put("d", {7, 1}, {Bytes(big), At(kNow)});
  EXPECT_NE(cache.Find("a", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  EXPECT_EQ(cache.Find("b", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  EXPECT_LE(cache.bytes(), 5'000u);
}

TEST(AnswerCacheTest, WhatIsTooLargeIsNotKept) {
  AnswerCache cache(5'000);
  cache.Put("small", {7, 1}, {Bytes("x"), At(kNow)});
  cache.Put("a", {7, 1}, {Bytes(std::string(6'000, 'x')), At(kNow)});
  EXPECT_EQ(cache.Find("a", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  EXPECT_NE(cache.Find("small", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
}

TEST(AnswerCacheTest, ANewAnswerReplacesTheOld) {
  AnswerCache cache(1 << 20);
  cache.Put("a", {7, 1}, {Bytes(std::string(100, 'x')), At(kNow)});
  const size_t before = cache.bytes();
  cache.Put("a", {7, 1},
            {Bytes(std::string(100, 'y')), At(kNow + absl::Seconds(1))});
  EXPECT_EQ(cache.bytes(), before);
  EXPECT_EQ(cache.Find("a", absl::Seconds(1), At(kNow + absl::Seconds(1)))
                ->as_of.of_day,
            kNow + absl::Seconds(1));
}

TEST(AnswerCacheTest, ForgetsBySubject) {
  AnswerCache cache(1 << 20);
  cache.Put("one", {7, 1}, {Bytes("x"), At(kNow)});
  cache.Put("two", {7, 2}, {Bytes("x"), At(kNow)});
  cache.Put("list", {7, 0}, {Bytes("x"), At(kNow)});
  cache.Put("other", {8, 1}, {Bytes("x"), At(kNow)});
  cache.DropConversation({7, 1});
  EXPECT_EQ(cache.Find("one", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  EXPECT_NE(cache.Find("list", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  cache.DropLists(7);
  EXPECT_EQ(cache.Find("list", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  EXPECT_NE(cache.Find("two", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  cache.DropApp(7);
  EXPECT_EQ(cache.Find("two", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  EXPECT_NE(cache.Find("other", absl::Seconds(1), At(kNow + absl::Seconds(1))),
            nullptr);
  cache.DropApp(8);
  EXPECT_EQ(cache.bytes(), 0u);
}

// A clock that was set back makes nothing younger, one that was set forward
// everything older.
TEST(AnswerCacheTest, AnAnswerIsAsOldAsTheClockThatSaysMore) {
  AnswerCache cache(10'000);
  const Moment asked{kNow, kNow};
  cache.Put("a", {777, 1}, {Bytes("bytes"), asked});
  const Moment set_back{kNow - absl::Hours(1), kNow + absl::Seconds(6)};
  EXPECT_EQ(cache.Find("a", absl::Seconds(5), set_back), nullptr);
  EXPECT_NE(cache.Find("a", absl::Seconds(6), set_back), nullptr);
  const Moment slept{kNow + absl::Seconds(6), kNow};
  EXPECT_EQ(cache.Find("a", absl::Seconds(5), slept), nullptr);
}

}  // namespace
}  // namespace chatgate
