#include "server/web_api/timer.h"

#include <future>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

TEST(TimerTest, RunsInTheOrderOfTheTimes) {
  std::string order;
  std::promise<void> done;
  const std::unique_ptr<Timer> timer = MakeSystemTimer();
  const absl::Time now = absl::Now();
  timer->RunAt(now + absl::Milliseconds(60), [&] { done.set_value(); });
  timer->RunAt(now + absl::Milliseconds(40), [&] { order += "b"; });
  timer->RunAt(now + absl::Milliseconds(20), [&] { order += "a"; });
  done.get_future().wait();
  EXPECT_EQ(order, "ab");
}

TEST(TimerTest, WhatIsCancelledDoesNotRunAndIsFreed) {
  const auto kept = std::make_shared<int>();
  std::promise<void> done;
  const std::unique_ptr<Timer> timer = MakeSystemTimer();
  const absl::Time soon = absl::Now() + absl::Milliseconds(20);
  const Timer::Ticket ticket =
      timer->RunAt(soon, [kept] { ADD_FAILURE() << "it ran"; });
  timer->Cancel(ticket);
  EXPECT_EQ(kept.use_count(), 1);
  timer->Cancel(ticket);
  timer->RunAt(soon + absl::Milliseconds(20), [&] { done.set_value(); });
  done.get_future().wait();
}

TEST(TimerTest, WhatNeverComesWaitsForTheEnd) {
  const std::unique_ptr<Timer> timer = MakeSystemTimer();
  timer->RunAt(absl::InfiniteFuture(), [] { ADD_FAILURE() << "it ran"; });
}

}  // namespace
}  // namespace chatgate
