#include "server/base/countdown.h"

#include "gtest/gtest.h"

namespace chatgate {
namespace {

TEST(CountdownTest, NothingLeftIsOver) {
  EXPECT_TRUE(Countdown(absl::ZeroDuration()).IsOver());
  EXPECT_TRUE(Countdown(-absl::Hours(1)).IsOver());
  EXPECT_EQ(Countdown(-absl::InfiniteDuration()).Left(), absl::ZeroDuration());
}

TEST(CountdownTest, WhatIsLeftOnlyBecomesLess) {
  const Countdown countdown(absl::Hours(1));
  const absl::Duration left = countdown.Left();
  EXPECT_LE(left, absl::Hours(1));
  EXPECT_GT(left, absl::Minutes(30));
  EXPECT_LE(countdown.Left(), left);
  EXPECT_FALSE(countdown.IsOver());
}

TEST(CountdownTest, OneForEverIsAYear) {
  const Countdown countdown(absl::InfiniteDuration());
  EXPECT_GT(countdown.Left(), absl::Hours(24 * 364));
  EXPECT_LE(countdown.Left(), absl::Hours(24 * 365));
}

TEST(CountdownTest, AShortOneEnds) {
  const Countdown countdown(absl::Nanoseconds(1));
  while (!countdown.IsOver()) {
  }
  EXPECT_EQ(countdown.Left(), absl::ZeroDuration());
}

}  // namespace
}  // namespace chatgate
