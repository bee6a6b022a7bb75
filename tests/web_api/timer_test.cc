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
  const absl::Time past = absl::Now() - absl::Seconds(1);
  // All are due, but none runs before the last was added: this one runs.
  timer->RunAt(past, [&] {
    timer->RunAt(past + absl::Milliseconds(3), [&] { done.set_value(); });
    timer->RunAt(past + absl::Milliseconds(2), [&] { order += "b"; });
    timer->RunAt(past + absl::Milliseconds(1), [&] { order += "a"; });
  });
  done.get_future().wait();
  EXPECT_EQ(order, "ab");
}

TEST(TimerTest, WhatIsCancelledDoesNotRunAndIsFreed) {
  const auto kept = std::make_shared<int>();
  std::promise<void> done;
  const std::unique_ptr<Timer> timer = MakeSystemTimer();
  const absl::Time later = absl::Now() + absl::Hours(1);
  const Timer::Ticket ticket =
      timer->RunAt(later, [kept] { ADD_FAILURE() << "it ran"; });
  timer->Cancel(ticket);
  EXPECT_EQ(kept.use_count(), 1);
  timer->Cancel(ticket);
  timer->RunAt(absl::Now(), [&] { done.set_value(); });
  done.get_future().wait();
}

TEST(TimerTest, WhatNeverComesWaitsForTheEnd) {
  const std::unique_ptr<Timer> timer = MakeSystemTimer();
  timer->RunAt(absl::InfiniteFuture(), [] { ADD_FAILURE() << "it ran"; });
}

}  // namespace
}  // namespace chatgate
