#include "server/outbox/outbox.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/outbox/outbox_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class OutboxTest : public OutboxFixture {};

// 503 for forms with `text` in them, otherwise 200.
FakePoster::Answer FailOn(const std::string& text) {
  return [text](const std::string& form) -> absl::StatusOr<int> {
    return absl::StrContains(form, text) ? 503 : 200;
  };
}

TEST_F(OutboxTest, PostsAMessageWithTheAppsTokenAndForgetsIt) {
  Open();
  Start();
  Append(MessageEvent(1, 11));
  WaitUntilNothingIsPending();
  ASSERT_THAT(PostedBodies(), ElementsAre("hello"));
  EXPECT_THAT(poster_->posts()[0].form, EndsWith("&token=token"));
  EXPECT_THAT(Deliveries(), IsEmpty());
  EXPECT_EQ(Target().delivered(), 1);
  EXPECT_EQ(Target().bytes(), 0);
  EXPECT_TRUE(Target().has_last_success_time());
}

TEST_F(OutboxTest, TheTokenIsNotKeptInTheTables) {
  app_.webhook_token = "s3cret-token";
  Open();
  Append(MessageEvent(1, 11));
  ASSERT_THAT(store_->Read([](Connection& connection) -> absl::Status {
    absl::StatusOr<Statement> select = connection.Prepare(
        "SELECT count(*) FROM outbox_deliveries WHERE instr(body, 's3cret')");
    EXPECT_THAT(select->Step(), IsOkAndHolds(true));
    EXPECT_EQ(select->Int(0), 0);
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_F(OutboxTest, AnEventThatIsNotAppendedIsNotPosted) {
  Open();
  Start();
  EXPECT_FALSE(store_
                   ->Write([&](Transaction& transaction) -> absl::Status {
                     EXPECT_THAT(
                         outbox_->OnAppend(transaction, MessageEvent(1, 11)),
                         IsOk());
                     return absl::InternalError("the append failed");
                   })
                   .ok());
  Append(MessageEvent(1, 12, "second"));
  WaitUntilNothingIsPending();
  EXPECT_THAT(PostedBodies(), ElementsAre("second"));
}

TEST_F(OutboxTest, PostsChosenUserEventsAlone) {
  app_.webhooks[0].add_event_names("order");
  Open();
  Start();
  Append({UserEventNamed("view", 1), UserEventNamed("order", 2)});
  WaitUntilNothingIsPending();
  ASSERT_EQ(poster_->posts().size(), 1);
  EXPECT_THAT(poster_->posts()[0].form, HasSubstr("event_id=2&type=event"));
}

TEST_F(OutboxTest, OtherAppsAndAdoptedPartsAreNotPosted) {
  Open();
  v1::Event adopted = MessageEvent(1, 11);
  adopted.set_source(v1::EVENT_SOURCE_DASHLY);
  v1::Event foreign = MessageEvent(1, 12);
  foreign.set_app_id(kApp + 1);
  Append({adopted, foreign});
  EXPECT_THAT(Deliveries(), IsEmpty());
}

TEST_F(OutboxTest, KeepsTheOrderOfAConversation) {
  Open();
  std::vector<v1::Event> events;
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    events.push_back(MessageEvent(1, i + 1, absl::StrCat(i)));
    expected.push_back(absl::StrCat(i));
  }
  Append(events);
  Start();
  WaitUntilNothingIsPending();
  EXPECT_EQ(PostedBodies(), expected);
}

TEST_F(OutboxTest, RepeatsWhatIsNotAnswered200BeforeTheNext) {
  Open();
  poster_->AnswerWith("a.example", FailOn("first"));
  Start();
  Append({MessageEvent(1, 11, "first"), MessageEvent(1, 12, "second")});
  WaitForFailures(1);
  EXPECT_EQ(Target().last_error(), "answered 503");
  poster_->AnswerWith("a.example", nullptr);
  Advance(absl::Seconds(2));
  WaitUntilNothingIsPending();
  EXPECT_THAT(PostedBodies(), ElementsAre("first", "first", "second"));
}

TEST_F(OutboxTest, OnlyExactly200IsASuccess) {
  Open();
  poster_->AnswerWith("a.example", FailOn("hello"));
  Start();
  Append(MessageEvent(1, 11));
  int64_t failures = 0;
  WaitForFailures(++failures);
  for (const int status : {201, 204, 301, 302, 400, 410, 500}) {
    poster_->AnswerWith("a.example", [status](const std::string&) {
      return absl::StatusOr<int>(status);
    });
    Advance(absl::Minutes(10));
    WaitForFailures(++failures);
    EXPECT_EQ(Target().last_error(), absl::StrCat("answered ", status));
  }
  EXPECT_EQ(Target().pending(), 1);
}

TEST_F(OutboxTest, WaitsBetweenAttempts) {
  Open();
  poster_->AnswerWith("a.example", FailOn("hello"));
  Start();
  Append(MessageEvent(1, 11));
  WaitForFailures(1);
  const absl::Time now = clock_.Now();
  const std::vector<v1::WebhookDelivery> deliveries = Deliveries();
  ASSERT_EQ(deliveries.size(), 1);
  EXPECT_EQ(deliveries[0].attempts(), 1);
  const absl::Time next =
      absl::FromUnixSeconds(deliveries[0].next_attempt_time().seconds()) +
      absl::Nanoseconds(deliveries[0].next_attempt_time().nanos());
  EXPECT_GE(next, now + absl::Seconds(1));
  EXPECT_LE(next, now + absl::Seconds(2));
  // Another conversation shows that the workers looked and left it alone.
  Advance(absl::Milliseconds(999));
  Append(MessageEvent(2, 21, "other"));
  poster_->WaitForPosts(2);
  WaitForTarget([](const auto& target) { return target.delivered() == 1; });
  EXPECT_THAT(PostedBodies(), ElementsAre("hello", "other"));
}

TEST_F(OutboxTest, AFailingConversationDoesNotBlockOthers) {
  Open();
  poster_->AnswerWith("a.example", FailOn("bad"));
  Start();
  Append(MessageEvent(1, 11, "bad"));
  for (int i = 0; i < 50; ++i) Append(MessageEvent(2 + i, 100 + i));
  WaitForTarget([](const auto& target) { return target.delivered() == 50; });
  EXPECT_EQ(Target().pending(), 1);
}

TEST_F(OutboxTest, PostsConversationsAndTargetsSideBySide) {
  AddTarget("b.example");
  Open();
  poster_->Hold();
  Start();
  Append({MessageEvent(1, 11), MessageEvent(2, 21)});
  std::vector<std::string> under_way;
  for (const auto& post : poster_->WaitForPosts(4)) {
    under_way.push_back(post.host);
  }
  EXPECT_THAT(under_way, UnorderedElementsAre("a.example", "a.example",
                                              "b.example", "b.example"));
  poster_->Release();
  WaitUntilNothingIsPending(0);
  WaitUntilNothingIsPending(1);
}

TEST_F(OutboxTest, GivesUpAfter24HoursVisiblyAndGoesOn) {
  Open();
  poster_->AnswerWith("a.example", FailOn("first"));
  Start();
  Append(MessageEvent(1, 11, "first"));
  int64_t failures = 0;
  WaitForFailures(++failures);
  Advance(absl::Hours(24) - absl::Seconds(1));
  WaitForFailures(++failures);
  EXPECT_EQ(Target().failed(), 0);
  Append(MessageEvent(1, 12, "second"));
  Advance(absl::Minutes(10));
  WaitUntilNothingIsPending();
  EXPECT_EQ(Target().failed(), 1);
  EXPECT_EQ(Target().delivered(), 1);
  const std::vector<v1::WebhookDelivery> deliveries = Deliveries();
  ASSERT_EQ(deliveries.size(), 1);
  EXPECT_EQ(deliveries[0].state(), v1::WEBHOOK_DELIVERY_STATE_FAILED);
  EXPECT_EQ(deliveries[0].attempts(), 3);
  EXPECT_EQ(deliveries[0].last_error(), "answered 503");
  EXPECT_EQ(deliveries[0].subject_id(), 11);
  EXPECT_FALSE(deliveries[0].has_next_attempt_time());
}

// It would be too large for ever, and hold up its conversation for a day.
TEST_F(OutboxTest, GivesUpAtOnceWhatIsTooLarge) {
  Open();
  poster_->AnswerWith("a.example", [](const std::string& form) {
    return absl::StatusOr<int>(BodyIn(form) == "large" ? 413 : 200);
  });
  Start();
  Append({MessageEvent(1, 11, "large"), MessageEvent(1, 12, "small")});
  WaitUntilNothingIsPending();
  EXPECT_THAT(PostedBodies(), ElementsAre("large", "small"));
  EXPECT_EQ(Target().failed(), 1);
  EXPECT_EQ(Target().delivered(), 1);
  EXPECT_EQ(Deliveries().at(0).last_error(), "answered 413");
}

TEST_F(OutboxTest, ARestartGoesOnWithWhatWaits) {
  Open();
  Append({MessageEvent(1, 11, "first"), MessageEvent(1, 12, "second")});
  Crash();
  Open();
  Start();
  WaitUntilNothingIsPending();
  EXPECT_THAT(PostedBodies(), ElementsAre("first", "second"));
}

TEST_F(OutboxTest, WhatIsUnderWayAtAStopIsSentAgain) {
  Open();
  poster_->Hold();
  Start();
  Append(MessageEvent(1, 11));
  poster_->WaitForPosts(1);
  Crash();
  Open();
  EXPECT_EQ(Target().pending(), 1);
  EXPECT_EQ(Target().attempts_failed(), 0);
  Start();
  WaitUntilNothingIsPending();
  EXPECT_THAT(PostedBodies(), ElementsAre("hello"));
}

// The machine dies when the receiver has answered and nothing is written yet:
// what it leaves behind is a copy of the files from that moment.
TEST_F(OutboxTest, ACrashBetweenSendAndRecordSendsAgain) {
  Open();
  poster_->AnswerWith("a.example", [this](const std::string&) {
    for (const char* end : {"", "-wal"}) {
      std::filesystem::copy_file(dir_.File(absl::StrCat("chatgate.db", end)),
                                 dir_.File(absl::StrCat("left.db", end)));
    }
    return absl::StatusOr<int>(200);
  });
  Start();
  Append(MessageEvent(1, 11));
  WaitUntilNothingIsPending();
  Crash();
  Open("left.db");
  Start();
  WaitUntilNothingIsPending();
  EXPECT_THAT(PostedBodies(), ElementsAre("hello"));
  EXPECT_EQ(Target().delivered(), 1);
}

TEST_F(OutboxTest, TenThousandThatWaitAreTakenAFewAtATime) {
  Open();
  constexpr int kConversations = 100;
  constexpr int kEach = 100;
  for (int part = 0; part < kEach; ++part) {
    std::vector<v1::Event> events;
    for (int conversation = 0; conversation < kConversations; ++conversation) {
      events.push_back(MessageEvent(conversation + 1,
                                    part * kConversations + conversation + 1,
                                    absl::StrCat(conversation, ".", part)));
    }
    Append(events);
  }
  ASSERT_EQ(Target().pending(), 10'000);
  Start();
  WaitUntilNothingIsPending();
  EXPECT_LE(poster_->most_at_once(), options_.queue.in_flight_max);
  // Each once, and each conversation in order.
  std::map<int, std::vector<int>> parts;
  for (const std::string& body : PostedBodies()) {
    const std::vector<std::string> pair = absl::StrSplit(body, '.');
    parts[std::stoi(pair[0])].push_back(std::stoi(pair[1]));
  }
  EXPECT_EQ(parts.size(), kConversations);
  for (const auto& [conversation, order] : parts) {
    EXPECT_EQ(order.size(), kEach);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  }
}

}  // namespace
}  // namespace chatgate
