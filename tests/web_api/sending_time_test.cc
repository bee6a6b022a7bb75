#include "server/web_api/sending_time.h"

#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"

namespace chatgate {
namespace {

constexpr absl::Duration kAhead = absl::Hours(72);  // The platform, of us.

class SendingTimeTest : public ::testing::Test {
 protected:
  void Pass(absl::Duration time) {
    clock_.AdvanceTime(time);
    steady_.AdvanceTime(time);
  }
  SendingTime Noted(const SendingTime& sent, absl::Time of_day) {
    return SendingTime::Noted(of_day, sent.there());
  }

  FakeClock clock_;
  FakeClock steady_{absl::FromUnixSeconds(77)};
  PlatformClock platform_{clock_, steady_};
};

TEST_F(SendingTimeTest, NothingHeardIsOurTimeOfDay) {
  const absl::Time began = clock_.Now();
  const SendingTime sent = SendingTime::Now(platform_);
  EXPECT_FALSE(sent.there().has_value());
  Pass(absl::Seconds(5));
  EXPECT_EQ(sent.There(platform_), began);
  EXPECT_EQ(sent.Ago(platform_), absl::Seconds(5));
  EXPECT_EQ(Noted(sent, began).There(platform_), began);
  EXPECT_EQ(Noted(sent, began).Ago(platform_), absl::Seconds(5));
}

TEST_F(SendingTimeTest, WhatIsHeardAfterwardsCounts) {
  const absl::Time began = clock_.Now();
  const SendingTime sent = SendingTime::Now(platform_);
  Pass(absl::Seconds(5));
  platform_.Hear(clock_.Now() + kAhead);
  EXPECT_EQ(sent.There(platform_), began + kAhead);
}

TEST_F(SendingTimeTest, OurClockMayBeSet) {
  platform_.Hear(clock_.Now() + kAhead);
  const absl::Time began = clock_.Now();
  const SendingTime sent = SendingTime::Now(platform_);
  Pass(absl::Minutes(5));
  for (const absl::Duration by : {absl::Hours(2), -absl::Hours(4)}) {
    clock_.AdvanceTime(by);
    EXPECT_EQ(sent.There(platform_), began + kAhead);
    EXPECT_EQ(sent.Ago(platform_), absl::Minutes(5));
    EXPECT_EQ(Noted(sent, began).There(platform_), began + kAhead);
    EXPECT_EQ(Noted(sent, began).Ago(platform_),
              absl::Minutes(5) - kClockSkewMax);
  }
}

// One machine of the platform is slow, another one is not: no time has passed
// that did not.
TEST_F(SendingTimeTest, ThePlatformsMachinesMayDiffer) {
  platform_.Hear(clock_.Now() + kAhead - absl::Seconds(50));
  const absl::Time began = clock_.Now();
  const SendingTime sent = SendingTime::Now(platform_);
  Pass(absl::Seconds(3));
  platform_.Hear(clock_.Now() + kAhead);
  EXPECT_EQ(Noted(sent, began).Ago(platform_), absl::Seconds(3));
  EXPECT_EQ(sent.Ago(platform_), absl::Seconds(3));
  EXPECT_EQ(sent.There(platform_), began + kAhead - absl::Seconds(50));
}

// Nor is a change hidden by one that is fast.
TEST_F(SendingTimeTest, OfTwoOpinionsTheEarlierOneHidesNothing) {
  platform_.Hear(clock_.Now() + absl::Minutes(5));
  const absl::Time began = clock_.Now();
  const SendingTime sent = SendingTime::Now(platform_);
  platform_.Hear(clock_.Now());
  EXPECT_EQ(sent.There(platform_), began);
}

}  // namespace
}  // namespace chatgate
