// What becomes of a conversation, a message or an event whose answer was lost.
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/web_api/losing_platform.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;

using LostConversationTest = LostAnswerTest;

TEST_F(LostConversationTest, StartedConversationIsFoundByItsFirstPart) {
  type_ = "reply_user";
  fates_ = {kLoseAnswer};
  v1::StartConversationRequest request;
  request.set_user_id("visitor");
  request.set_by_user_id(true);
  request.set_body("Hello");
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Ask<v1::StartConversationResponse>(request));
  EXPECT_EQ(response.id(), 5u);
  EXPECT_THAT(Sent(),
              ElementsAre("POST users/visitor/startconversation",
                          "GET users/visitor", "GET users/77/conversations"));
}

TEST_F(LostConversationTest, StartedConversationBehindManyNewerPartsIsFound) {
  type_ = "reply_user";
  fates_ = {kLoseAnswer};
  v1::StartConversationRequest request;
  request.set_user_id("77");
  request.set_body("Hello");
  request.set_request_id("a");
  read_answer_ = SaysError(403, "PermissionDeniedError");
  ASSERT_THAT(Ask<v1::StartConversationResponse>(request), Fails("AMBIGUOUS"));
  read_answer_ = {};
  AddParts(120, clock_.Now());
  ASSERT_OK_AND_ASSIGN(const auto again,
                       Ask<v1::StartConversationResponse>(request));
  EXPECT_EQ(again.id(), 5u);
  EXPECT_EQ(Posts(), 1u);
}

TEST_F(LostConversationTest,
       StartedConversationBehindTooManyNewerPartsIsUnclear) {
  type_ = "reply_user";
  fates_ = {kLoseAnswer};
  v1::StartConversationRequest request;
  request.set_user_id("77");
  request.set_body("Hello");
  request.set_request_id("a");
  read_answer_ = SaysError(403, "PermissionDeniedError");
  ASSERT_THAT(Ask<v1::StartConversationResponse>(request), Fails("AMBIGUOUS"));
  read_answer_ = {};
  AddParts(250, clock_.Now());
  clock_.AdvanceTime(absl::Seconds(41));  // It cannot be late any more.
  EXPECT_THAT(Ask<v1::StartConversationResponse>(request), Fails("AMBIGUOUS"));
  EXPECT_EQ(Posts(), 1u);
}

TEST_F(LostConversationTest, ConversationThatMayBeBehindThePageIsUnclear) {
  AddParts(1, clock_.Now());
  more_conversations_ = true;
  fates_ = {kFail, kFail};
  v1::StartConversationRequest start;
  start.set_user_id("77");
  start.set_body("Hello");
  EXPECT_THAT(Ask<v1::StartConversationResponse>(start), Fails("AMBIGUOUS"));
  v1::SendMessageRequest message;
  message.set_user_id("77");
  message.set_body("Sale");
  EXPECT_THAT(Ask<v1::SendMessageResponse>(message), Fails("AMBIGUOUS"));
}

TEST_F(LostConversationTest, ConversationThatWasNotStartedFails) {
  fates_ = {kFail};
  v1::StartConversationRequest request;
  request.set_user_id("77");
  request.set_body("Hello");
  EXPECT_THAT(Ask<v1::StartConversationResponse>(request),
              Fails("UNAVAILABLE"));
}

TEST_F(LostConversationTest, SentMessageIsFoundByItsText) {
  message_ = "6";
  fates_ = {kLoseAnswer};
  v1::SendMessageRequest request;
  request.set_user_id("77");
  request.set_body("Sale");
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Ask<v1::SendMessageResponse>(request));
  EXPECT_EQ(response.conversation(), 5u);
  EXPECT_EQ(response.message(), 6u);
}

TEST_F(LostConversationTest, TrackedEventLeavesNothingToLookFor) {
  fates_ = {kLoseAnswer};
  v1::TrackUserEventRequest request;
  request.set_user_id("77");
  request.set_event("Bought");
  request.set_request_id("a");
  EXPECT_THAT(Ask<v1::TrackUserEventResponse>(request), Fails("AMBIGUOUS"));
  EXPECT_THAT(Ask<v1::TrackUserEventResponse>(request), Fails("AMBIGUOUS"));
  EXPECT_EQ(Posts(), 1u);
}

// Where the platform tells no random ids. The lead, or another call, has
// written the same text into a conversation that was there before.
TEST_F(LostConversationTest, OlderConversationWithTheTextIsAnother) {
  type_ = "reply_user";
  tells_random_ids_ = false;
  conversation_age_ = absl::Hours(2);
  for (const size_t parts : {1, 2}) {
    parts_.clear();
    AddLeadParts(parts, "Hello");
    v1::StartConversationRequest request;
    request.set_user_id("77");
    request.set_body("Hello");
    request.set_request_id(absl::StrCat(parts));
    fates_ = {kFail};
    EXPECT_THAT(Ask<v1::StartConversationResponse>(request),
                Fails("UNAVAILABLE"));
    const size_t posts = Posts();
    EXPECT_THAT(Ask<v1::StartConversationResponse>(request), IsOk());
    EXPECT_EQ(Posts(), posts + 1);
  }
}

// One whose conversation another call has begun is not this call's.
TEST_F(LostConversationTest, EchoOfAConversationThatIsKnownDecidesNothing) {
  v1::StartConversationRequest request;
  request.set_user_id("77");
  request.set_body("Hi");
  request.set_random_id(42);
  ASSERT_THAT(Ask<v1::StartConversationResponse>(request), IsOk());
  fates_ = {kFail};
  request.set_user_id("78");
  const size_t posts = Posts();
  auto answer = Begin<v1::StartConversationResponse>(request);
  while (Posts() == posts) std::this_thread::yield();
  TellPart(300, 5, 42, "reply_user");
  EXPECT_THAT(Wait<v1::StartConversationResponse>(std::move(answer)),
              Fails("UNAVAILABLE"));
}

TEST_F(LostConversationTest, ConversationOfAnotherDayIsFound) {
  type_ = "reply_user";
  for (const absl::Duration ahead : {-absl::Hours(72), absl::Hours(72)}) {
    ahead_ = ahead;
    parts_.clear();
    v1::StartConversationRequest request;
    request.set_user_id("77");
    request.set_body("Hello");
    fates_ = {kLoseAnswer};
    ASSERT_OK_AND_ASSIGN(const auto response,
                         Ask<v1::StartConversationResponse>(request));
    EXPECT_EQ(response.id(), 5u);
    Restart();  // So nobody knows whose conversation that is.
  }
}

}  // namespace
}  // namespace chatgate
