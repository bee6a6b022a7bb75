// Answers that must wait, and what goes on meanwhile.
#include <atomic>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "client/file.h"
#include "client/responder/answer_id.h"
#include "gmock/gmock.h"
#include "tests/client/responder_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class ResponderWaitingTest : public ResponderTest {
 protected:
  // "Tag me" is tagged: a call that may fail while replies are made.
  static v1::RuleFile Rules() {
    v1::RuleFile file = Greeting();
    v1::Rule& rule = *file.add_rules();
    rule.set_id("tag");
    rule.mutable_match()->add_phrases("tag me");
    rule.add_actions()->mutable_tag()->set_name("vip");
    return file;
  }
  v1::Event In(uint64_t conversation, absl::string_view text) {
    v1::Event event = Message(text);
    Part(event).set_conversation(conversation);
    return event;
  }
  uint64_t SavedSeq() {
    absl::StatusOr<std::string> cursor = ReadFile(cursor_file_);
    EXPECT_THAT(cursor, IsOk());
    uint64_t seq = 0;
    absl::string_view rest = *cursor;
    EXPECT_TRUE(absl::ConsumePrefix(&rest, "fake:"));
    EXPECT_TRUE(absl::SimpleAtoi(rest, &seq));
    return seq;
  }
  // More than may wait: nothing else is read before some are done with.
  void ExpectHelloWaitsForTags() {
    constexpr int kFailures = 5'000;
    service_.FailNext("TagConversation", absl::UnavailableError("off"),
                      kFailures);
    std::atomic<int> tags_before_reply = 0;
    service_.OnCall([&](absl::string_view rpc) {
      if (rpc != "ReplyToConversation") return;
      tags_before_reply = service_.calls("TagConversation");
    });
    Start(Rules());
    for (const uint64_t conversation : {6, 7, 8}) {
      service_.Publish(In(conversation, "tag me"));
    }
    ASSERT_TRUE(service_.AwaitCalls("TagConversation", 10));
    service_.Publish(Hello());
    ASSERT_TRUE(service_.AwaitReplies(1));
    Stop();
    EXPECT_GT(tags_before_reply, kFailures);
  }
};

TEST_F(ResponderWaitingTest, OthersAreAnsweredAndTheCursorWaits) {
  waiter_.HoldBackoffs();
  service_.FailNext("TagConversation", absl::UnavailableError("off"));
  Start(Rules());
  const uint64_t waits = service_.Publish(In(6, "tag me"));
  waiter_.AwaitBackoff();
  service_.Publish(Hello());
  Settle();
  Stop();
  EXPECT_THAT(Answers(), SizeIs(1));
  EXPECT_EQ(service_.calls("TagConversation"), 1);
  EXPECT_LT(SavedSeq(), waits);
  // The next start does what waited, and asks for the same again.
  Start(Rules());
  ASSERT_TRUE(service_.AwaitCalls("TagConversation", 2));
  Settle();
  Stop();
  EXPECT_THAT(AnswerIds(), SizeIs(1));
  const auto tags = service_.request_ids("TagConversation");
  EXPECT_EQ(tags[0], tags[1]);
  EXPECT_GT(SavedSeq(), waits);
}

TEST_F(ResponderWaitingTest, AConversationKeepsItsOrder) {
  queue_.in_flight_max = 8;
  service_.FailNext("TagConversation", absl::UnavailableError("off"), 3);
  Start(Rules());
  service_.Publish(In(6, "tag me"));
  service_.Publish(In(6, "tag me, too"));
  ASSERT_TRUE(service_.AwaitCalls("TagConversation", 5));
  const std::string first = AnswerId(777, "event-1", "tag", 0);
  EXPECT_THAT(service_.request_ids("TagConversation"),
              ElementsAre(first, first, first, first,
                          AnswerId(777, "event-2", "tag", 0)));
}

TEST_F(ResponderWaitingTest, WhatAnOperatorAnswersMeanwhileIsNotAnswered) {
  service_.FailNext("TagConversation", absl::UnavailableError("off"),
                    1'000'000);
  Start(Rules());
  service_.Publish(In(6, "tag me"));
  ASSERT_TRUE(service_.AwaitCalls("TagConversation", 3));
  v1::Event human = HumanAnswer(In(6, "I am here"));
  service_.Publish(human);
  clock_.AdvanceTime(absl::Hours(1));
  service_.Publish(In(6, "hello, how are you?"));
  ASSERT_TRUE(service_.AwaitReplies(1));
  Stop();
  EXPECT_EQ(counts_.guarded, 1);
  EXPECT_EQ(counts_.refused, 0);
}

TEST_F(ResponderWaitingTest, WhatWaitsTooLongIsPassedBy) {
  service_.FailNext("TagConversation", absl::UnavailableError("off"),
                    1'000'000);
  Start(Rules());
  service_.Publish(In(6, "tag me"));
  ASSERT_TRUE(service_.AwaitCalls("TagConversation", 3));
  clock_.AdvanceTime(absl::Hours(13));
  service_.Publish(In(6, "hello, how are you?"));
  ASSERT_TRUE(service_.AwaitReplies(1));
  Stop();
  EXPECT_EQ(counts_.too_old, 1);
}

TEST_F(ResponderWaitingTest, OnlySoManyEventsWait) {
  queue_.jobs_max = 2;
  ExpectHelloWaitsForTags();
}

TEST_F(ResponderWaitingTest, OnlySoManyBytesWait) {
  queue_.bytes_max = 100;
  ExpectHelloWaitsForTags();
}

TEST_F(ResponderWaitingTest, MetricsSayHowManyWait) {
  waiter_.HoldBackoffs();
  service_.FailNext("TagConversation", absl::UnavailableError("off"));
  Start(Rules());
  service_.Publish(In(6, "tag me"));
  waiter_.AwaitBackoff();
  EXPECT_THAT(responder_->MetricsText(),
              testing::HasSubstr("\nchatgate_responder_events_waiting 1\n"));
}

}  // namespace
}  // namespace chatgate
