#include "server/web_api/resend.h"

#include "chatgate/v1/chat_service.pb.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

v1::ReplyToConversationRequest ReplyThatAssigns() {
  v1::ReplyToConversationRequest request;
  request.set_conversation_id(5);
  request.set_body("Hi");
  request.set_auto_assign(42);
  return request;
}

uint32_t AssignIdOf(v1::ReplyToConversationRequest request,
                    const char* request_id) {
  FillRandomIds(777, request_id, 0, &request);
  EXPECT_NE(request.auto_assign_random_id(), 0u);
  return request.auto_assign_random_id();
}

// Callers that choose a number often choose the same.
TEST(FillRandomIdsTest, AssignmentsOfTwoRepliesHaveTwoIds) {
  v1::ReplyToConversationRequest request = ReplyThatAssigns();
  EXPECT_NE(AssignIdOf(request, ""), AssignIdOf(request, ""));
  request.set_random_id(5);
  EXPECT_NE(AssignIdOf(request, ""), AssignIdOf(request, ""));
}

TEST(FillRandomIdsTest, ARepeatedRequestHasItsIdAgain) {
  v1::ReplyToConversationRequest request = ReplyThatAssigns();
  request.set_random_id(5);
  EXPECT_EQ(AssignIdOf(request, "r"), AssignIdOf(request, "r"));
  EXPECT_NE(AssignIdOf(request, "r"), AssignIdOf(request, "s"));
  request.set_random_id(6);
  const uint32_t six = AssignIdOf(request, "r");
  request.set_random_id(5);
  EXPECT_NE(AssignIdOf(request, "r"), six);
}

TEST(FillRandomIdsTest, WhatTheCallerChoseStays) {
  v1::ReplyToConversationRequest request = ReplyThatAssigns();
  request.set_random_id(5);
  request.set_auto_assign_random_id(6);
  FillRandomIds(777, "r", 0, &request);
  EXPECT_EQ(request.random_id(), 5u);
  EXPECT_EQ(request.auto_assign_random_id(), 6u);
}

}  // namespace
}  // namespace chatgate
