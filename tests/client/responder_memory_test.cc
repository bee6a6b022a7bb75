// What the responder knows of before: its cursor, operators, limits.
#include <string>

#include "client/file.h"
#include "client/responder/answer_id.h"
#include "gmock/gmock.h"
#include "tests/client/responder_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(ResponderTest, FirstStartBeginsWithWhatHappensNow) {
  service_.Publish(Hello());
  Start();
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
}

TEST_F(ResponderTest, RestartGoesOnWhereItWas) {
  Start();
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(1));
  Stop();
  service_.Publish(Hello());
  Start();
  ASSERT_TRUE(service_.AwaitReplies(2));
  Settle();
  EXPECT_THAT(AnswerIds(),
              UnorderedElementsAre(AnswerId(777, "event-1", "greeting", 0),
                                   AnswerId(777, "event-3", "greeting", 0)));
}

// A crash before the cursor was saved shows the message again: the answer is
// the same to the letter, so that the gateway gives it only once.
TEST_F(ResponderTest, AnswerIsTheSameAfterACrash) {
  Start();
  ASSERT_OK_AND_ASSIGN(const std::string before, ReadFile(cursor_file_));
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(1));
  Stop();
  ASSERT_THAT(ReplaceFile(cursor_file_, before), IsOk());
  Start();
  ASSERT_TRUE(service_.AwaitReplies(2));
  EXPECT_EQ(service_.replies()[0].SerializeAsString(),
            service_.replies()[1].SerializeAsString());
}

TEST_F(ResponderTest, AnswersInARowAreLimited) {
  Start(Greeting(5));
  service_.Publish(Hello());
  Settle();
  Stop();
  EXPECT_THAT(Answers(), ElementsAre("Hey, great!", "And 1", "And 2"));
  EXPECT_GE(counts_.guarded, 2);
}

TEST_F(ResponderTest, OldEventsAreNeverAnswered) {
  Start();
  v1::Event just_old = Hello();
  just_old.mutable_received_time()->set_seconds(
      absl::ToUnixSeconds(clock_.Now() - absl::Hours(12)) - 1);
  service_.Publish(just_old);
  v1::Event almost_old = Hello();
  almost_old.set_id("almost");
  almost_old.mutable_received_time()->set_seconds(
      absl::ToUnixSeconds(clock_.Now() - absl::Hours(12)));
  service_.Publish(almost_old);
  Settle();
  Stop();
  EXPECT_THAT(AnswerIds(), ElementsAre(AnswerId(777, "almost", "greeting", 0)));
  EXPECT_EQ(counts_.too_old, 1);
}

TEST_F(ResponderTest, SilentWhileAnOperatorAnswers) {
  Start();
  service_.Publish(HumanAnswer(Message("I am here")));
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
  clock_.AdvanceTime(absl::Minutes(10));
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

TEST_F(ResponderTest, BotIsNoOperator) {
  Start();
  v1::Event bot = HumanAnswer(Message("beep"));
  Part(bot).mutable_sender()->mutable_admin()->set_type("bot");
  service_.Publish(bot);
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

// A restart must not talk into what an operator said just before.
TEST_F(ResponderTest, RestartRemembersTheOperator) {
  Start();
  service_.Publish(HumanAnswer(Message("I am here")));
  Settle();
  Stop();
  service_.Publish(Hello());
  Start();
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
}

TEST_F(ResponderTest, RestartRemembersLimitsOfRules) {
  v1::RuleFile file = Greeting();
  file.mutable_rules(0)->set_per_conversation_max(2);
  Start(file);
  for (int i = 0; i < 2; ++i) service_.Publish(Hello());
  Settle();
  Stop();
  // Whatever the stop left unseen: three messages and three answers.
  ASSERT_THAT(ReplaceFile(cursor_file_, "fake:6"), IsOk());
  service_.Publish(Hello());
  Start(file);
  Settle();
  EXPECT_THAT(Answers(), SizeIs(2));
}

// After a pause the question and the operator's answer come at once.
TEST_F(ResponderTest, WhatAnOperatorAnsweredMeanwhileIsNotAnswered) {
  cursor_file_ = dir_.Write("begin", "fake:0");
  service_.Publish(Hello());
  v1::Event other = Hello();
  Part(other).set_conversation(6);
  service_.Publish(other);
  clock_.AdvanceTime(absl::Hours(1));
  service_.Publish(HumanAnswer(Message("I am here")));
  clock_.AdvanceTime(absl::Hours(1));
  v1::Event later = Hello();
  later.set_id("later");
  service_.Publish(later);
  Start();
  Settle();
  Stop();
  EXPECT_THAT(AnswerIds(), ElementsAre(AnswerId(777, "later", "greeting", 0)));
  EXPECT_EQ(counts_.guarded, 1);
  EXPECT_EQ(counts_.answered, 3);  // Conversation 6 and Settle's too.
}

TEST_F(ResponderTest, RulesThatAreNeverSilentAnswerBesideAnOperator) {
  v1::RuleFile file = Greeting();
  file.mutable_human_silence()->set_seconds(0);
  cursor_file_ = dir_.Write("begin", "fake:0");
  service_.Publish(Hello());
  service_.Publish(HumanAnswer(Message("I am here")));
  Start(file);
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

}  // namespace
}  // namespace chatgate
