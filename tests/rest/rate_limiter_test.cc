#include "webhook/rest/rate_limiter.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace chatgate {
namespace {

using ::testing::Eq;
using ::testing::Optional;

class RateLimiterTest : public ::testing::Test {
 protected:
  // How many of `calls` go through.
  int Calls(RateLimiter& limiter, int calls) {
    int through = 0;
    for (int i = 0; i < calls; ++i) through += !limiter.Refuses().has_value();
    return through;
  }

  FakeClock clock_;
};

TEST_F(RateLimiterTest, NoMinuteHoldsMoreThanTheLimit) {
  RateLimiter limiter(60, clock_);
  EXPECT_EQ(Calls(limiter, 30), 30);
  clock_.AdvanceTime(absl::Seconds(59));
  EXPECT_EQ(Calls(limiter, 100), 30);
  clock_.AdvanceTime(absl::Seconds(1));  // The first thirty leave the window.
  EXPECT_EQ(Calls(limiter, 100), 30);
}

TEST_F(RateLimiterTest, SaysHowLongToWait) {
  RateLimiter limiter(1, clock_);
  EXPECT_EQ(limiter.Refuses(), std::nullopt);
  clock_.AdvanceTime(absl::Seconds(20));
  EXPECT_THAT(limiter.Refuses(), Optional(Eq(absl::Seconds(40))));
}

TEST_F(RateLimiterTest, RefusedCallsDoNotCount) {
  RateLimiter limiter(2, clock_);
  EXPECT_EQ(Calls(limiter, 1000), 2);
  clock_.AdvanceTime(absl::Minutes(1));
  EXPECT_EQ(Calls(limiter, 1000), 2);
}

TEST_F(RateLimiterTest, ZeroIsNoLimit) {
  RateLimiter limiter(0, clock_);
  EXPECT_EQ(Calls(limiter, 10'000), 10'000);
}

TEST_F(RateLimiterTest, AClockThatIsSetBackLocksNobodyOut) {
  RateLimiter limiter(5, clock_);
  EXPECT_EQ(Calls(limiter, 5), 5);
  clock_.AdvanceTime(-absl::Hours(1));
  EXPECT_EQ(Calls(limiter, 10), 5);
}

}  // namespace
}  // namespace chatgate
