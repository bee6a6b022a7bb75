#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ValidateOnlyTest : public PlatformTest {};

TEST_F(ValidateOnlyTest, NothingIsDone) {
  const uint64_t id = StartConversation("a");
  ASSERT_OK_AND_ASSIGN(const auto checked,
                       Reply(id, "hi", "validate_only: true"));
  EXPECT_EQ(checked.ByteSizeLong(), 0u);
  EXPECT_THAT(Parts(id), SizeIs(1));
  EXPECT_THAT(Events(), SizeIs(1));
}

TEST_F(ValidateOnlyTest, TheErrorIsThatOfTheCall) {
  const uint64_t id = StartConversation("a");
  EXPECT_THAT(Reply(id, "", "validate_only: true"), RefusesField("body"));
  EXPECT_THAT(Reply(id + 1, "hi", "validate_only: true"),
              FailsAs("LookupError"));
}

TEST_F(ValidateOnlyTest, TheRequestIdIsStillFree) {
  const uint64_t id = StartConversation("a");
  ASSERT_THAT(Reply(id, "hi", "validate_only: true request_id: 'r1'"), IsOk());
  ASSERT_THAT(Reply(id, "ho", "request_id: 'r1'"), IsOk());
  EXPECT_THAT(Parts(id), SizeIs(2));
}

// The call itself would be answered, and so is its check.
TEST_F(ValidateOnlyTest, PassesForACallThatWasMade) {
  const uint64_t id = StartConversation("a");
  ASSERT_THAT(Reply(id, "hi", "request_id: 'r1'"), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto checked,
                       Reply(id, "hi", "validate_only: true request_id: 'r1'"));
  EXPECT_EQ(checked.ByteSizeLong(), 0u);
}

TEST_F(ValidateOnlyTest, WhatFollowsIsNumberedAsIfItHadNotBeen) {
  v1::StartConversationRequest start;
  start.set_user_id("visitor");
  start.set_by_user_id(true);
  start.set_body("a");
  start.set_validate_only(true);
  ASSERT_THAT(Ask<v1::StartConversationResponse>(start), IsOk());
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_THAT(List(), IsEmpty());
  StartConversation("b");
  EXPECT_EQ(LastEvent().seq(), 1u);
}

TEST_F(ValidateOnlyTest, AReadThatMayBeStaleIsFresh) {
  const uint64_t id = StartConversation("a");
  v1::GetConversationRequest request;
  request.set_conversation_id(id);
  request.mutable_max_staleness()->set_seconds(60);
  ASSERT_THAT(Ask<v1::GetConversationResponse>(request), IsOk());
  ASSERT_THAT(Reply(id, "hi"), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Ask<v1::GetConversationResponse>(request));
  EXPECT_EQ(response.conversation().parts_count(), 2);
}

TEST_F(ValidateOnlyTest, AStalenessOutOfRangeIsRefused) {
  v1::GetConversationRequest request;
  request.set_conversation_id(1);
  request.mutable_max_staleness()->set_seconds(-1);
  EXPECT_THAT(Ask<v1::GetConversationResponse>(request),
              RefusesField("max_staleness"));
  request.mutable_max_staleness()->set_seconds(24 * 3600 + 1);
  EXPECT_THAT(Ask<v1::GetConversationResponse>(request),
              RefusesField("max_staleness"));
}

}  // namespace
}  // namespace chatgate
