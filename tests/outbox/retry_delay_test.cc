#include "server/outbox/retry_delay.h"

#include "gtest/gtest.h"

namespace chatgate {
namespace {

TEST(RetryDelayTest, BeginsWithASecond) {
  EXPECT_EQ(RetryDelay(1, 0.0), absl::Seconds(1));
  EXPECT_LT(RetryDelay(1, 0.999), absl::Seconds(2));
}

TEST(RetryDelayTest, DoublesWithEachAttempt) {
  EXPECT_EQ(RetryDelay(2, 0.0), absl::Seconds(2));
  EXPECT_EQ(RetryDelay(3, 0.0), absl::Seconds(4));
  EXPECT_EQ(RetryDelay(3, 0.5), absl::Seconds(6));
}

TEST(RetryDelayTest, StaysWithinTenMinutes) {
  for (const int64_t attempts : {10, 21, 1000, 1'000'000'000}) {
    EXPECT_EQ(RetryDelay(attempts, 0.0), absl::Minutes(5));
    EXPECT_LE(RetryDelay(attempts, 0.999), absl::Minutes(10));
  }
}

}  // namespace
}  // namespace chatgate
