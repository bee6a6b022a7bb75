#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/status_macros.h"
#include "tests/outbox/outbox_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

absl::StatusOr<int> NoAnswer(const std::string&) {
  return absl::UnavailableError("connecting: Connection refused");
}
absl::StatusOr<int> Busy(const std::string&) { return 503; }

class OutboxLimitsTest : public OutboxFixture {
 protected:
  // One failed delivery, of conversation 1.
  void FailOne(uint64_t part) {
    poster_->AnswerWith("a.example", Busy);
    Append(MessageEvent(1, part));
    WaitForTarget([](const auto& target) { return target.pending() == 1; });
    const int64_t failures = Target().attempts_failed();
    Advance(absl::Hours(25));
    WaitForFailures(failures + 1);
    WaitUntilNothingIsPending();
  }

  void SendAHundredInSilence() {
    Open();
    poster_->AnswerWith("a.example", NoAnswer);
    Start();
    std::vector<v1::Event> events;
    for (int i = 0; i < 100; ++i) events.push_back(MessageEvent(i + 1, i + 1));
    Append(events);
    WaitUntilSilent();
  }

  // Attempts that failed all at once did not know of each other: then the next
  // one tells, a second later.
  void WaitUntilSilent() {
    WaitForTarget([this](const auto& target) {
      if (target.has_silent_since()) return true;
      if (target.attempts_failed() >= options_.queue.in_flight_max) {
        Advance(absl::Seconds(1));
      }
      return false;
    });
  }
};

TEST_F(OutboxLimitsTest, ASilentTargetGetsSingleAttemptsAndOthersAreServed) {
  AddTarget("b.example");
  Open();
  poster_->AnswerWith("a.example", NoAnswer);
  Start();
  std::vector<v1::Event> events;
  for (int i = 0; i < 100; ++i) events.push_back(MessageEvent(i + 1, i + 1));
  Append(events);
  WaitForTarget([](const auto& target) { return target.delivered() == 100; },
                1);
  WaitUntilSilent();
  // As many as were under way when the silence was noticed, at most, and those
  // that told of it.
  EXPECT_LE(PostedBodies("a.example").size(),
            options_.queue.silent_after + options_.queue.in_flight_max + 2);
  EXPECT_EQ(Target().last_error(), "connecting: Connection refused");
  // One answer, and everything goes its way.
  poster_->AnswerWith("a.example", nullptr);
  WaitForTarget([this](const auto& target) {
    // Again and again: an attempt that was under way may still fail.
    Advance(absl::Minutes(1));
    return target.pending() == 0;
  });
  EXPECT_FALSE(Target().has_silent_since());
}

// They answer, but each answer keeps a worker for long.
TEST_F(OutboxLimitsTest, SlowTargetsLeaveWorkersToOthers) {
  AddTarget("b.example");
  AddTarget("c.example");
  Open();
  // The clock moves while nobody else posts: else all would be slow.
  std::atomic<bool> others_are_done = false;
  std::atomic<bool> holding = false;
  const auto slow = [&](const std::string&) {
    if (holding) {
      while (holding) std::this_thread::yield();
      return 200;
    }
    while (!others_are_done) std::this_thread::yield();
    clock_.AdvanceTime(options_.queue.slow_after + absl::Milliseconds(1));
    return 200;
  };
  poster_->AnswerWith("a.example", slow);
  poster_->AnswerWith("b.example", slow);
  Start();
  Append(MessageEvent(1, 1));
  WaitUntilNothingIsPending(2);
  others_are_done = true;
  for (int target = 0; target < 2; ++target) WaitUntilNothingIsPending(target);
  holding = true;
  std::vector<v1::Event> events;
  for (int i = 0; i < 100; ++i) events.push_back(MessageEvent(i + 1, i + 2));
  Append(events);
  WaitUntilNothingIsPending(2);
  EXPECT_EQ(Target(0).pending(), 100);
  EXPECT_EQ(Target(1).pending(), 100);
  holding = false;
  for (int target = 0; target < 2; ++target) WaitUntilNothingIsPending(target);
}

// However much of a conversation waits, others have their turn in between.
TEST_F(OutboxLimitsTest, ALongRunIsBrokenOff) {
  options_.workers = 1;
  AddTarget("b.example");
  Open();
  poster_->AnswerWith("a.example", [&](const std::string&) {
    clock_.AdvanceTime(options_.queue.run_time_max + absl::Milliseconds(1));
    return 200;
  });
  std::vector<v1::Event> events;
  for (int i = 0; i < 20; ++i) events.push_back(MessageEvent(1, i + 1));
  Append(events);
  Start();
  for (int target = 0; target < 2; ++target) WaitUntilNothingIsPending(target);
  // A run of b's is a short one, and so never broken off.
  std::string order;
  for (const FakePoster::Posted& posted : poster_->posts()) {
    order += posted.host[0];
  }
  EXPECT_THAT(order.substr(0, 22),
              AnyOf(std::string("a") + std::string(20, 'b') + "a",
                    std::string(20, 'b') + "aa"));
  EXPECT_EQ(PostedBodies("a.example").size(), 20u);
}

TEST_F(OutboxLimitsTest, ATargetSilentForADayGivesUpAllThatIsOld) {
  SendAHundredInSilence();
  Advance(absl::Hours(12));
  Append(MessageEvent(1, 101));
  Advance(absl::Hours(12));
  WaitForTarget([this](const auto& target) {
    if (target.failed() >= 100) return true;
    Advance(absl::Seconds(1));  // As in WaitUntilSilent.
    return false;
  });
  EXPECT_EQ(Target().pending(), 1);
  EXPECT_LT(poster_->posts().size(), 100);
}

// Who was not called has not been silent.
TEST_F(OutboxLimitsTest, TheTimeThatTheGatewayWasOffIsNoSilence) {
  SendAHundredInSilence();
  Crash();
  clock_.AdvanceTime(absl::Hours(25));
  Open();
  poster_->AnswerWith("a.example", NoAnswer);
  Start();
  WaitForTarget([this](const auto& target) {
    Advance(absl::Seconds(1));
    return target.pending() == 0 || poster_->posts().size() >= 8;
  });
  poster_->AnswerWith("a.example", nullptr);
  WaitForTarget([this](const auto& target) {
    Advance(absl::Minutes(1));
    return target.pending() == 0;
  });
  // Only those that had an attempt in vain, being a day old.
  EXPECT_GT(Target().failed(), 0);
  EXPECT_LT(Target().failed(), 25);
  EXPECT_EQ(Target().delivered(), 100 - Target().failed());
}

TEST_F(OutboxLimitsTest, TheNewestIsDroppedAndCountedWhereThereIsNoRoom) {
  options_.limits.pending_max = 2;
  Open();
  Append({MessageEvent(1, 11, "first"), MessageEvent(1, 12, "second"),
          MessageEvent(1, 13, "third")});
  EXPECT_EQ(Target().pending(), 2);
  EXPECT_EQ(Target().dropped(), 1);
  Start();
  WaitUntilNothingIsPending();
  EXPECT_THAT(PostedBodies(), ElementsAre("first", "second"));
}

TEST_F(OutboxLimitsTest, TheBytesOfATargetAreBounded) {
  options_.limits.bytes_max = 10'000;
  Open();
  for (int i = 0; i < 10; ++i) {
    Append(MessageEvent(1, 11 + i, std::string(3'000, 'x')));
  }
  EXPECT_EQ(Target().pending(), 3);
  EXPECT_EQ(Target().dropped(), 7);
  EXPECT_LE(Target().bytes(), 10'000);
}

TEST_F(OutboxLimitsTest, OnlyTheNewestFailedAreKept) {
  options_.limits.failed_max = 2;
  Open();
  Start();
  for (const uint64_t part : {11, 12, 13}) FailOne(part);
  const std::vector<v1::WebhookDelivery> deliveries = Deliveries();
  ASSERT_THAT(deliveries, SizeIs(2));
  EXPECT_EQ(deliveries[0].subject_id(), 12);
  EXPECT_EQ(deliveries[1].subject_id(), 13);
  EXPECT_EQ(Target().dropped(), 1);
}

TEST_F(OutboxLimitsTest, FailedOnesAreForgottenAfter30Days) {
  Open();
  Start();
  FailOne(11);
  Crash();
  clock_.AdvanceTime(absl::Hours(28 * 24));
  Open();
  Start();
  EXPECT_THAT(Deliveries(), SizeIs(1));
  Crash();
  clock_.AdvanceTime(absl::Hours(2 * 24));
  Open();
  Start();
  WaitForTarget([](const auto& target) { return target.failed() == 0; });
  EXPECT_THAT(Deliveries(), IsEmpty());
  EXPECT_EQ(Target().dropped(), 1);
}

TEST_F(OutboxLimitsTest, ATargetThatLeftTheConfigurationKeepsWhatWaits) {
  Open();
  Append(MessageEvent(1, 11));
  Crash();
  app_.webhooks.clear();
  AddTarget("b.example");
  Open();
  Start();
  Append(MessageEvent(1, 12, "new"));
  WaitUntilNothingIsPending();
  EXPECT_THAT(PostedBodies(), ElementsAre("new"));
  ASSERT_THAT(Targets().targets(), SizeIs(2));
  EXPECT_EQ(Target(0).url(), "https://b.example/...");
  EXPECT_TRUE(Target(0).configured());
  EXPECT_EQ(Target(1).url(), "https://a.example/...");
  EXPECT_FALSE(Target(1).configured());
  EXPECT_EQ(Target(1).pending(), 1);
}

// Receives the works and loses the disk: what cannot be recorded would be sent
// for ever.
TEST_F(OutboxLimitsTest, WhatCannotBeRecordedIsNotSentOverAndOver) {
  Open();
  poster_->AnswerWith("a.example", [this](const std::string&) {
    // Makes the result's write fail.
    EXPECT_THAT(store_->Write([](Transaction& transaction) {
      return transaction.connection().Execute(
          "ALTER TABLE outbox_targets RENAME TO gone");
    }),
                IsOk());
    return absl::StatusOr<int>(200);
  });
  Append(MessageEvent(1, 11));
  Start();
  poster_->WaitForPosts(1);
  poster_->AnswerWith("a.example", nullptr);
  outbox_->WakeAll();
  outbox_->Stop();
  EXPECT_THAT(poster_->posts(), SizeIs(1));
}

}  // namespace
}  // namespace chatgate
