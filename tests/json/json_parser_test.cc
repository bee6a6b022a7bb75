#include "server/json/json_parser.h"

#include <atomic>
#include <climits>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

std::string TextOf(size_t bytes) {
  return "\"" + std::string(bytes, 'x') + "\"";
}

// The most threads that held a parsed text of so many bytes at the same time;
// each holds it until all have asked, and then until all hold theirs or have
// lost their patience.
int MostAtOnce(size_t bytes, int patience) {
  constexpr int kThreads = 8;
  const std::string text = TextOf(bytes);
  std::atomic<int> asked = 0;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      JsonParser parser;
      ++asked;
      EXPECT_THAT(parser.Parse(text), IsOk());
      const int now = ++inside;
      int known = most;
      while (known < now && !most.compare_exchange_weak(known, now)) {
      }
      for (int i = 0; asked < kThreads || (i < patience && most < kThreads);) {
        std::this_thread::yield();
        if (asked == kThreads) ++i;
      }
      --inside;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return most;
}

TEST(JsonParserTest, OnlyAFewLargeTextsAreParsedAtATime) {
  EXPECT_LE(MostAtOnce(size_t{300} << 10, /*patience=*/20'000), 4);
}

TEST(JsonParserTest, SmallOnesWaitForNobody) {
  EXPECT_EQ(MostAtOnce(100, /*patience=*/INT_MAX), 8);
}

// A thread that holds a place has it for the texts inside its own, too.
TEST(JsonParserTest, LargeTextsInsideLargeOnesNeedNoPlaceOfTheirOwn) {
  std::vector<std::thread> threads;
  const std::string text = TextOf(size_t{300} << 10);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      JsonParser outer;
      EXPECT_THAT(outer.Parse(text), IsOk());
      JsonParser inner;
      EXPECT_THAT(inner.Parse(text), IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace chatgate
