#include "webhook/chatlio_decoder.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/webhook/sample_bodies.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

NewEvent Decode(ChatlioHook hook, absl::string_view body) {
  return DecodeChatlio(777, hook, "application/json", std::string(body));
}

TEST(ChatlioDecoderTest, TranscriptIsTypedAndHappenedWhenItEnded) {
  const NewEvent event = Decode(ChatlioHook::kTranscript, ChatlioTranscript());
  const v1::ChatlioTranscript& out = event.event.chatlio_transcript();
  EXPECT_EQ(event.event.source(), v1::EVENT_SOURCE_CHATLIO);
  EXPECT_EQ(event.event.conversation(),
            "chatlio:e3d1800d-2d9e-4966-4500-9ff986cfa197");
  EXPECT_EQ(out.agent_email(), "someone@yourcompany.com");
  EXPECT_EQ(out.messages_size(), 2);
  EXPECT_TRUE(out.messages(0).is_visitor_msg());
  EXPECT_EQ(out.extra_data_size(), 2);
  EXPECT_EQ(out.visitor().uuid(), "2b959179-d06f-4fec-9c6e-1c98468d1d63");
  EXPECT_EQ(event.event.occurred_time().seconds(), 1526746472);
  EXPECT_EQ(event.event.occurred_time().nanos(), 26941);
  EXPECT_EQ(event.raw, ChatlioTranscript());
}

TEST(ChatlioDecoderTest, PrintedTranscriptWithItsCommentIsKept) {
  const NewEvent event =
      Decode(ChatlioHook::kTranscript, kChatlioTranscriptPrinted);
  EXPECT_EQ(event.event.unrecognized().hook(), "chatlio/transcript");
  EXPECT_THAT(event.event.unrecognized().reason(), HasSubstr("JSON"));
  EXPECT_EQ(event.event.conversation(), "");
  EXPECT_EQ(event.raw, kChatlioTranscriptPrinted);
}

TEST(ChatlioDecoderTest, ThreeHooksOfOneShapeAreToldApartByTheirPath) {
  const NewEvent started =
      Decode(ChatlioHook::kConversationStarted, kChatlioVisitorMessage);
  EXPECT_EQ(started.event.chatlio_conversation_started().message(),
            "Hi, I am having trouble signing up");
  EXPECT_EQ(Decode(ChatlioHook::kUnanswered, kChatlioVisitorMessage)
                .event.chatlio_unanswered()
                .slack_channel_name(),
            "live-chat");
  const NewEvent feedback =
      Decode(ChatlioHook::kFeedback, kChatlioVisitorMessage);
  EXPECT_EQ(feedback.event.chatlio_feedback().visitor().handle(),
            "united-states-27");
  EXPECT_EQ(feedback.event.conversation(),
            "chatlio:e3d1800d-2d9e-4966-4500-9ff986cfa197");
  EXPECT_FALSE(feedback.event.has_occurred_time());
  EXPECT_NE(started.content_fingerprint, feedback.content_fingerprint);
}

TEST(ChatlioDecoderTest, OfflineMessageBelongsToNoConversation) {
  const NewEvent event = Decode(ChatlioHook::kOfflineMessage, kChatlioOffline);
  const v1::ChatlioOfflineMessage& out = event.event.chatlio_offline_message();
  EXPECT_EQ(event.event.conversation(), "");
  EXPECT_EQ(out.email_pretty(), "\"Bob Smith\" <bob@smith.com>");
  EXPECT_EQ(out.visitor().ident_traits(), R"({"custom stuff":"things"})");
  EXPECT_EQ(out.unknown_fields_json(), R"({"subject":"extra"})");
}

TEST(ChatlioDecoderTest, BodiesWithAlmostNothingAreTyped) {
  for (const absl::string_view body :
       {R"({"messages": [{}]})", R"({"visitorTraits": ""})",
        R"({"visitor": {"email": "", "UUID": ""}})", "{}"}) {
    EXPECT_TRUE(
        Decode(ChatlioHook::kTranscript, body).event.has_chatlio_transcript())
        << body;
  }
}

TEST(ChatlioDecoderTest, WhatIsNoObjectIsKept) {
  for (const absl::string_view body : {"", "null", "[1]", "plain", "{\"a\":"}) {
    const NewEvent event = Decode(ChatlioHook::kFeedback, body);
    EXPECT_EQ(event.event.unrecognized().hook(), "chatlio/feedback") << body;
    EXPECT_EQ(event.raw, body);
  }
}

TEST(ChatlioDecoderTest, EqualMessagesAreAlikeAndOthersAreNot) {
  const NewEvent one =
      Decode(ChatlioHook::kFeedback, R"({"message": "a", "channelId": "c"})");
  const NewEvent same =
      Decode(ChatlioHook::kFeedback, R"({"channelId":"c","message":"a"})");
  const NewEvent other =
      Decode(ChatlioHook::kFeedback, R"({"message": "b", "channelId": "c"})");
  EXPECT_FALSE(one.key);
  EXPECT_EQ(one.content_fingerprint, same.content_fingerprint);
  EXPECT_NE(one.content_fingerprint, other.content_fingerprint);
}

TEST(ChatlioDecoderTest, EveryHookHasItsNameInThePath) {
  for (const absl::string_view name :
       {"transcript", "offline-message", "conversation-started", "unanswered",
        "feedback"}) {
    ASSERT_TRUE(ChatlioHookNamed(name));
    EXPECT_EQ(NameOf(*ChatlioHookNamed(name)), name);
  }
  EXPECT_FALSE(ChatlioHookNamed("Transcript"));
}

}  // namespace
}  // namespace chatgate
