#include "server/web_api/circuit_breaker.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/backend/error_table.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

class CircuitBreakerTest : public ::testing::Test {
 protected:
  CircuitBreakerTest() : breaker_(clock_) {}

  void Fail(int times) {
    for (int i = 0; i < times; ++i) {
      EXPECT_THAT(breaker_.Admit(), IsOk());
      breaker_.Failed();
    }
  }
  // Until the next may try.
  absl::Duration Pause() { return RetryDelay(breaker_.Check()); }

  FakeClock clock_;
  CircuitBreaker breaker_;
};

TEST_F(CircuitBreakerTest, OpensAfterARunOfFailures) {
  Fail(4);
  breaker_.Succeeded();
  Fail(5);
  EXPECT_EQ(ErrorName(breaker_.Admit()), "PLATFORM_DOWN");
  EXPECT_GE(Pause(), absl::Seconds(1));
  EXPECT_LE(Pause(), absl::Milliseconds(1500));
}

TEST_F(CircuitBreakerTest, OneTriesWhenThePauseIsOver) {
  Fail(5);
  clock_.AdvanceTime(Pause());
  EXPECT_THAT(breaker_.Check(), IsOk());
  EXPECT_THAT(breaker_.Admit(), IsOk());
  EXPECT_EQ(ErrorName(breaker_.Admit()), "PLATFORM_DOWN");
  breaker_.Succeeded();
  EXPECT_THAT(breaker_.Admit(), IsOk());
}

TEST_F(CircuitBreakerTest, PausesGrowToTheLongest) {
  Fail(5);
  for (int i = 0; i < 10; ++i) {
    clock_.AdvanceTime(Pause());
    Fail(1);
  }
  EXPECT_GE(Pause(), absl::Minutes(1));
  EXPECT_LE(Pause(), absl::Seconds(90));
}

TEST_F(CircuitBreakerTest, AClockThatIsSetBackMakesNoPauseLonger) {
  Fail(5);
  EXPECT_GT(Pause(), absl::ZeroDuration());
  clock_.SetTime(clock_.Now() - absl::Hours(1));
  EXPECT_THAT(breaker_.Admit(), IsOk());
}

TEST_F(CircuitBreakerTest, OneThatWasNotSentLeavesTheTryToAnother) {
  Fail(5);
  clock_.AdvanceTime(Pause());
  EXPECT_THAT(breaker_.Admit(), IsOk());
  breaker_.NotSent();
  EXPECT_THAT(breaker_.Admit(), IsOk());
}

TEST_F(CircuitBreakerTest, LateFailuresDoNotLengthenThePause) {
  Fail(5);
  const absl::Duration pause = Pause();
  breaker_.Failed();
  breaker_.Failed();
  EXPECT_EQ(Pause(), pause);
}

TEST_F(CircuitBreakerTest, RefusedKeyStopsForLonger) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(breaker_.Admit(), IsOk());
    breaker_.KeyRefused();
  }
  EXPECT_EQ(ErrorName(breaker_.Admit()), "KEY_REFUSED");
  EXPECT_GE(Pause(), absl::Minutes(5));
  clock_.AdvanceTime(Pause());
  EXPECT_THAT(breaker_.Admit(), IsOk());
  breaker_.KeyRefused();
  EXPECT_EQ(ErrorName(breaker_.Admit()), "KEY_REFUSED");
  EXPECT_EQ(ErrorName(breaker_.Health()), "KEY_REFUSED");
}

TEST_F(CircuitBreakerTest, ChangesOfHealthAreTold) {
  std::vector<std::string> told;
  CircuitBreakerOptions options;
  options.on_health = [&](const absl::Status& health) {
    told.push_back(ErrorName(health));
  };
  CircuitBreaker breaker(clock_, options);
  breaker.Succeeded();
  for (int i = 0; i < 7; ++i) breaker.Failed();
  breaker.Succeeded();
  EXPECT_EQ(told, (std::vector<std::string>{"PLATFORM_DOWN", ""}));
}

TEST_F(CircuitBreakerTest, KeyThatIsAcceptedAgainHeals) {
  for (int i = 0; i < 3; ++i) breaker_.KeyRefused();
  clock_.AdvanceTime(absl::Minutes(10));
  EXPECT_THAT(breaker_.Admit(), IsOk());
  breaker_.Succeeded();
  EXPECT_THAT(breaker_.Health(), IsOk());
}

}  // namespace
}  // namespace chatgate
