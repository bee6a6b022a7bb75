#include "server/backend/error_table.h"
#include "tests/call_sharing/call_sharing_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;

class MergedChangesTest : public CallSharingTest {
 protected:
  std::unique_ptr<TestCall<v1::SetTypingResponse>> Type(
      const std::string& body, uint64_t conversation = 5,
      const std::string& admin = "1", const std::string& caller = "a") {
    v1::SetTypingRequest request;
    request.set_conversation_id(conversation);
    request.set_from_admin(admin);
    request.set_body(body);
    return Begin<v1::SetTypingResponse>(request, caller);
  }
  std::string SentBody() {
    return static_cast<const v1::SetTypingRequest*>(backend_.held[0].request)
        ->body();
  }
};

TEST_F(MergedChangesTest, OfThoseThatWaitOnlyTheLastIsSent) {
  const auto first = Type("h");
  const auto second = Type("he", 5, "1", "b");
  const auto third = Type("hel", 5, "1", "c");
  EXPECT_EQ(backend_.calls, 1);
  EXPECT_EQ(SentBody(), "h");
  backend_.Answer();
  EXPECT_THAT(*first->status, IsOk());
  EXPECT_FALSE(second->status.has_value());
  ASSERT_EQ(backend_.calls, 2);
  EXPECT_EQ(SentBody(), "hel");
  backend_.Answer();
  EXPECT_THAT(*second->status, IsOk());
  EXPECT_THAT(*third->status, IsOk());
  EXPECT_EQ(backend_.calls, 2);
  EXPECT_THAT(saved_, ElementsAre("c SetTyping"));
}

TEST_F(MergedChangesTest, AFailureIsThatOfTheSharedCallAlone) {
  const auto first = Type("h");
  const auto second = Type("he");
  backend_.Answer(MakeError("TooManyRequests", "beyond the deadline"));
  EXPECT_THAT(*first->status, StatusIs(absl::StatusCode::kResourceExhausted));
  backend_.Answer();
  EXPECT_THAT(*second->status, IsOk());
}

TEST_F(MergedChangesTest, OthersTypeForThemselves) {
  const auto one = Type("h", 5, "1");
  const auto other_admin = Type("h", 5, "2");
  const auto other_conversation = Type("h", 6, "1");
  EXPECT_EQ(backend_.calls, 3);
  while (!backend_.held.empty()) backend_.Answer();
}

TEST_F(MergedChangesTest, PresenceIsMergedByLead) {
  v1::SetUserPresenceRequest request;
  request.set_user_id("9");
  request.set_presence("online");
  const auto first = Begin<v1::SetUserPresenceResponse>(request);
  request.set_presence("idle");
  const auto second = Begin<v1::SetUserPresenceResponse>(request);
  request.set_user_id("10");
  const auto other = Begin<v1::SetUserPresenceResponse>(request);
  EXPECT_EQ(backend_.calls, 2);
  while (!backend_.held.empty()) backend_.Answer();
  EXPECT_EQ(backend_.calls, 3);
}

TEST_F(MergedChangesTest, MarkingAsReadIsMergedAndForgetsWhatWasKnown) {
  KnowConversation(5, 1);
  v1::MarkConversationReadRequest request;
  request.set_conversation_id(5);
  std::vector<std::unique_ptr<TestCall<v1::MarkConversationReadResponse>>>
      calls;
  for (int i = 0; i < 10; ++i) {
    calls.push_back(Begin<v1::MarkConversationReadResponse>(request));
  }
  while (!backend_.held.empty()) backend_.Answer();
  EXPECT_EQ(backend_.calls, 1 + 2);
  for (const auto& call : calls) EXPECT_THAT(*call->status, IsOk());
  const Read read = BeginRead(5, absl::Seconds(5));
  EXPECT_FALSE(read->status.has_value());
  backend_.Answer();
}

TEST_F(MergedChangesTest, RepliesAreNeverMerged) {
  v1::ReplyToConversationRequest request;
  request.set_conversation_id(5);
  request.set_body("hi");
  const auto first = Begin<v1::ReplyToConversationResponse>(request);
  const auto second = Begin<v1::ReplyToConversationResponse>(request);
  EXPECT_EQ(backend_.calls, 2);
  while (!backend_.held.empty()) backend_.Answer();
}

}  // namespace
}  // namespace chatgate
