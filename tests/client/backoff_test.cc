#include "client/backoff.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

BackoffOptions Options(double jitter) {
  return {absl::Milliseconds(100), absl::Milliseconds(500), 2.0,
          [jitter] { return jitter; }};
}

TEST(BackoffTest, WaitsDoubleUpToTheMaximum) {
  Backoff backoff(Options(0.0));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(100));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(200));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(400));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(500));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(500));
}

TEST(BackoffTest, JitterShortensByAtMostHalf) {
  Backoff backoff(Options(1.0));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(50));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(100));
}

TEST(BackoffTest, ResetBeginsAgain) {
  Backoff backoff(Options(0.0));
  backoff.Next();
  backoff.Next();
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(100));
}

TEST(BackoffTest, DefaultJitterStaysInItsBounds) {
  Backoff backoff({absl::Seconds(1), absl::Seconds(1), 2.0, {}});
  for (int i = 0; i < 1'000; ++i) {
    const absl::Duration wait = backoff.Next();
    ASSERT_GE(wait, absl::Milliseconds(500));
    ASSERT_LE(wait, absl::Seconds(1));
  }
}

}  // namespace
}  // namespace chatgate
