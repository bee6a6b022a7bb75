// Gateways that refuse, fail or are not there, and what the responder makes of
// it.
#include <string>

#include "client/file.h"
#include "client/responder/answer_id.h"
#include "gmock/gmock.h"
#include "tests/client/responder_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(ResponderTest, AnswerIsTriedUntilTheGatewayTakesIt) {
  service_.FailNext("ReplyToConversation", absl::ResourceExhaustedError("x"),
                    20);
  Start();
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(1));
  EXPECT_THAT(service_.request_ids("ReplyToConversation"),
              Each(AnswerId(777, "event-1", "greeting", 0)));
  EXPECT_EQ(service_.calls("ReplyToConversation"), 21);
}

TEST_F(ResponderTest, RefusedAnswerIsPassedBy) {
  service_.FailNext("ReplyToConversation", absl::NotFoundError("gone"));
  Start();
  service_.Publish(Hello());
  Settle();
  Stop();
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(counts_.refused, 1);
  EXPECT_EQ(counts_.answered, 1);  // Settle's.
}

TEST_F(ResponderTest, WhatIsThereAlreadyIsAskedForOnce) {
  service_.FailNext("ReplyToConversation", absl::AlreadyExistsError("there"));
  Start();
  service_.Publish(Hello());
  Settle();
  Stop();
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(counts_.refused, 1);
}

TEST_F(ResponderTest, TagThatIsThereAlreadyIsDone) {
  v1::RuleFile file = Greeting(2);
  file.mutable_rules(0)->mutable_actions(0)->mutable_tag()->set_name("vip");
  service_.FailNext("TagConversation",
                    WithReason(absl::AlreadyExistsError("has it"),
                               "ConversationTagAlreadyAssigned"));
  Start(file);
  service_.Publish(Hello());
  Settle();
  Stop();
  EXPECT_EQ(service_.calls("TagConversation"), 2);  // With Settle's.
  EXPECT_EQ(counts_.refused, 0);
  EXPECT_EQ(counts_.answered, 4);
}

TEST_F(ResponderTest, ErrorOfUnknownCauseIsTriedFiveTimes) {
  service_.FailNext("ReplyToConversation", absl::InternalError("bug"), 5);
  Start();
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitCalls("ReplyToConversation", 5));
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(service_.calls("ReplyToConversation"), 6);
}

TEST_F(ResponderTest, AnswerGivenBeforeWithOtherWordsIsNotGivenAgain) {
  service_.FailNext(
      "ReplyToConversation",
      WithReason(absl::InvalidArgumentError("used"), "REQUEST_ID_REUSED"));
  Start();
  service_.Publish(Hello());
  Settle();
  Stop();
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(counts_.repeated, 1);
}

TEST_F(ResponderTest, StopEndsAnAnswerThatWaits) {
  waiter_.HoldBackoffs();
  // However often a wait is over before Stop comes.
  service_.FailNext("ReplyToConversation", absl::ResourceExhaustedError("x"),
                    1'000'000);
  Start();
  ASSERT_OK_AND_ASSIGN(const std::string before, ReadFile(cursor_file_));
  service_.Publish(Hello());
  waiter_.AwaitBackoff();
  Stop();
  EXPECT_THAT(end_, IsOk());
  // Not answered, so not passed by.
  EXPECT_THAT(ReadFile(cursor_file_), IsOkAndHolds(before));
}

TEST_F(ResponderTest, WrongTokenEndsIt) {
  service_.RequireToken("secret");
  Start();
  Join();
  EXPECT_THAT(end_, StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(ResponderTest, LostTokenEndsItWithoutPassingTheMessageBy) {
  Start();
  ASSERT_OK_AND_ASSIGN(const std::string before, ReadFile(cursor_file_));
  service_.RequireToken("another");
  service_.Publish(Hello());
  Join();
  EXPECT_THAT(end_, StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(ReadFile(cursor_file_), IsOkAndHolds(before));
}

TEST_F(ResponderTest, CallerThatMayNotAnswerEndsItWithoutPassingTheMessageBy) {
  for (const char* reason : {"ROLE_TOO_LOW", "APP_NOT_ALLOWED"}) {
    Start();
    service_.FailNext("ReplyToConversation",
                      WithReason(absl::PermissionDeniedError("no"), reason));
    service_.Publish(Hello());
    Join();
    EXPECT_THAT(end_, StatusIs(absl::StatusCode::kPermissionDenied)) << reason;
    // The next start answers it.
    Start();
    Settle();
    Stop();
  }
  EXPECT_THAT(Answers(), SizeIs(2));
}

// The platform's own refusals concern one object, not the caller.
TEST_F(ResponderTest, ObjectOfAnotherAppIsPassedBy) {
  service_.FailNext("ReplyToConversation",
                    WithReason(absl::PermissionDeniedError("not yours"),
                               "PermissionDeniedError"));
  Start();
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
}

// An operator puts a new key in place meanwhile.
TEST_F(ResponderTest, DeadKeyOfThePlatformIsWaitedFor) {
  service_.FailNext(
      "ReplyToConversation",
      WithReason(absl::UnauthenticatedError("401"), "NotAuthenticated"), 3);
  service_.FailNext(
      "ReplyToConversation",
      WithReason(absl::FailedPreconditionError("refused"), "KEY_REFUSED"), 20);
  Start();
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(1));
  Stop();
  EXPECT_EQ(counts_.answered, 1);
  EXPECT_THAT(waiter_.backoffs(),
              AllOf(SizeIs(23), Each(Ge(absl::Minutes(1)))));
}

TEST_F(ResponderTest, CursorFileWithSomethingElseIsAnError) {
  dir_.Write("cursor", "two words");
  Start();
  Join();
  EXPECT_THAT(end_, StatusIs(absl::StatusCode::kDataLoss));
}

// A wrong path would only show at the next start, which begins with now.
TEST_F(ResponderTest, CursorFileThatCannotBeWrittenIsAnError) {
  cursor_file_ = dir_.File("none/cursor");
  Start();
  Join();
  EXPECT_FALSE(end_.ok());
  EXPECT_NE(end_.code(), absl::StatusCode::kCancelled);
}

TEST_F(ResponderTest, GapIsSurvived) {
  Start();
  Stop();
  for (int i = 0; i < 3; ++i) service_.Publish(Message("lost"));
  service_.Forget(3);
  Start();
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

TEST_F(ResponderTest, GatewayThatListsNoEventsIsNoObstacle) {
  Start();
  Stop();
  service_.FailNext("ListEvents", absl::UnimplementedError("no"));
  Start();
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

TEST_F(ResponderTest, GatewayThatIsNotThereYetCostsNoGuard) {
  Start();
  service_.Publish(HumanAnswer(Message("I am here")));
  Settle();
  Stop();
  service_.Publish(Hello());
  service_.FailNext("ListEvents", absl::UnavailableError("starting"), 20);
  Start();
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_GE(waiter_.backoffs().size(), 20u);
}

TEST_F(ResponderTest, StopEndsTheWaitForAGatewayThatIsNotThere) {
  Start();
  Stop();
  waiter_.HoldBackoffs();
  service_.FailNext("ListEvents", absl::UnavailableError("starting"),
                    1'000'000);
  Begin();
  waiter_.AwaitBackoff();
  Stop();
  EXPECT_THAT(end_, IsOk());
}

TEST_F(ResponderTest, GapIsCounted) {
  Start();
  Stop();
  for (int i = 0; i < 3; ++i) service_.Publish(Message("lost"));
  service_.Forget(3);
  Start();
  Settle();
  EXPECT_EQ(responder_->metrics().events_missed(), 3u);
}

}  // namespace
}  // namespace chatgate
