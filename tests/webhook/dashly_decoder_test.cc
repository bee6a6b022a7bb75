#include "webhook/dashly_decoder.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/webhook/sample_bodies.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

constexpr absl::string_view kForm = "application/x-www-form-urlencoded";

NewEvent DecodePart(absl::string_view part) {
  return DecodeDashly(777, kForm, DashlyConversationForm(part, "***"));
}

TEST(DashlyDecoderTest, SeedsBodyBecomesATypedEventOfItsConversation) {
  const std::string body = DashlyConversationForm(kDashlyPart2017, "***");
  const NewEvent event = DecodeDashly(777, kForm, body);
  const v1::Event& out = event.event;
  EXPECT_EQ(out.app_id(), 777u);
  EXPECT_EQ(out.source(), v1::EVENT_SOURCE_DASHLY);
  EXPECT_EQ(out.conversation(), "dashly:64558819");
  EXPECT_EQ(out.occurred_time().seconds(), 1492604036);
  const v1::ConversationPart& part = out.dashly_conversation().conversation();
  EXPECT_EQ(part.id(), 78183798u);
  EXPECT_EQ(part.body(), "ewfwfwef");
  EXPECT_EQ(part.direction(), "u2a");
  EXPECT_EQ(part.sender().user_id(), 85648207u);
  EXPECT_EQ(part.assignee().name(), "inkov");
  EXPECT_EQ(part.random_id(), 132466821u);
  EXPECT_EQ(part.unknown_fields_json(), "");
  EXPECT_EQ(out.dashly_conversation().unknown_fields_json(), "");
  EXPECT_EQ(event.raw, body);
  ASSERT_TRUE(event.key);
  EXPECT_EQ(event.key->app_id, 777u);
  EXPECT_EQ(event.key->source, v1::EVENT_SOURCE_DASHLY);
  EXPECT_EQ(event.key->kind, v1::EVENT_KIND_DASHLY_CONVERSATION);
  EXPECT_EQ(event.key->id, 78183798u);
  EXPECT_EQ(event.key->revision, 0u);
  EXPECT_FALSE(event.content_fingerprint);
}

TEST(DashlyDecoderTest, NewerBodyKeepsItsTextIdsExactAndUnknownFields) {
  const NewEvent event = DecodePart(kDashlyPart2025);
  EXPECT_EQ(event.event.conversation(), "dashly:1918273645546372000");
  const v1::ConversationPart& part =
      event.event.dashly_conversation().conversation();
  EXPECT_EQ(part.id(), 1918273645546372819u);
  EXPECT_EQ(part.body(), "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82");
  EXPECT_EQ(part.sender().user_id(), 1918273645546300000u);
  EXPECT_EQ(part.assignee().name_internal(), "I. Nkov");
  EXPECT_THAT(part.unknown_fields_json(), HasSubstr("18446744073709551615"));
  EXPECT_EQ(event.key->revision, 0u);
}

TEST(DashlyDecoderTest, StrangePartsAreStillTyped) {
  for (
      const absl::string_view part : {
          R"({"id": 1, "conversation": 2})",
          R"({"id": "1", "conversation": "2", "random_id": "7"})",
          R"({"id": 1, "conversation": 2, "assignee": null, "from": null})",
          R"({"id": 1, "conversation": 2, "from": {"type": "admin", "id": 3}})",
          R"({"id": 1, "conversation": 2, "from": {"type": "message_sender"}})",
          R"({"id": 1, "conversation": 2, "created": 1492604036.25})",
          R"({"id": 1, "conversation": 2, "body": "", "attachments": [{"id": 1}]})",
          R"({"id": 1, "conversation": 2, "type": "never_seen", "body": 5})",
          "{\"id\": 1, \"conversation\": 2, \"body\": \"\\ud83d broken\"}",
      }) {
    const NewEvent event = DecodePart(part);
    ASSERT_TRUE(event.event.has_dashly_conversation()) << part;
    EXPECT_EQ(event.event.conversation(), "dashly:2");
    EXPECT_EQ(event.key->id, 1u);
  }
}

TEST(DashlyDecoderTest, TrailingLineEndsAndFieldOrderMakeNoDifference) {
  const std::string part(kDashlyPart2017);
  for (const std::string& body :
       {FormOf({{"token", "***"},
                {"type", "conversation"},
                {"conversation", part}}),
        absl::StrCat(DashlyConversationForm(part, "***"), "\r\n"),
        absl::StrCat("conversation=", part, "&type=conversation&token=***"),
        absl::StrCat(R"({"type": "conversation", "conversation": )", part,
                     "}")}) {
    EXPECT_EQ(DecodeDashly(1, kForm, body).key->id, 78183798u) << body;
  }
}

TEST(DashlyDecoderTest, EditedAndRemovedPartsAreNewsOfTheSamePart) {
  const auto key = [](absl::string_view more) {
    const NewEvent event =
        DecodePart(absl::StrCat(R"({"id": 1, "conversation": 2)", more, "}"));
    EXPECT_EQ(event.key->id, 1u);
    return event.key->revision;
  };
  const uint64_t plain = key("");
  const uint64_t edited = key(R"(, "edited": "2025-01-01")");
  const uint64_t edited_again = key(R"(, "edited": "2025-01-02")");
  const uint64_t removed = key(R"(, "removed": "2025-01-01")");
  EXPECT_EQ(plain, key(R"(, "edited": null, "removed": null)"));
  EXPECT_EQ(edited, key(R"(, "edited": "2025-01-01")"));
  EXPECT_NE(plain, edited);
  EXPECT_NE(edited, edited_again);
  EXPECT_NE(edited, removed);
}

TEST(DashlyDecoderTest, EventIsKeyedByItsFormField) {
  const NewEvent event = DecodeDashly(
      1, kForm,
      FormOf({{"type", "event"},
              {"user", R"({"id": "7183415", "presence": "online"})"},
              {"user_id", "7183415"},
              {"event_name", "My Event"},
              {"event", R"({"id": 5, "created": 1700000000})"},
              {"event_id", "18446744073709551615"},
              {"extra", "kept"}}));
  const v1::DashlyEvent& out = event.event.dashly_event();
  EXPECT_EQ(out.user().presence(), "online");
  EXPECT_EQ(out.user_id(), 7183415u);
  EXPECT_EQ(out.event_name(), "My Event");
  EXPECT_THAT(out.unknown_fields_json(), HasSubstr("kept"));
  EXPECT_EQ(event.event.conversation(), "");
  EXPECT_EQ(event.event.occurred_time().seconds(), 1700000000);
  EXPECT_EQ(event.key->kind, v1::EVENT_KIND_DASHLY_EVENT);
  EXPECT_EQ(event.key->id, 18446744073709551615u);
}

TEST(DashlyDecoderTest, EventIdThatIsNoNumberStillMakesAKey) {
  const auto id_of = [](absl::string_view id) {
    return DecodeDashly(
               1, kForm,
               FormOf({{"type", "event"}, {"event_id", std::string(id)}}))
        .key->id;
  };
  EXPECT_EQ(id_of("a-uuid"), id_of("a-uuid"));
  EXPECT_NE(id_of("a-uuid"), id_of("b-uuid"));
}

TEST(DashlyDecoderTest, EventWithoutAnyIdHasNoKeyButAFingerprint) {
  const NewEvent event =
      DecodeDashly(1, kForm, FormOf({{"type", "event"}, {"user_id", "1"}}));
  EXPECT_TRUE(event.event.has_dashly_event());
  EXPECT_FALSE(event.key);
  EXPECT_TRUE(event.content_fingerprint);
}

// Else the second of two such events would be taken for the first again.
TEST(DashlyDecoderTest, EventIdThatSaysNoneMakesNoKey) {
  for (const std::string id :
       {"", "0", "00", "null", "None", "undefined", " "}) {
    const auto decode = [&id](const std::string& event) {
      return DecodeDashly(
          1, kForm,
          FormOf({{"type", "event"}, {"event_id", id}, {"event", event}}));
    };
    EXPECT_FALSE(decode("{}").key) << id;
    EXPECT_EQ(decode(R"({"id": 7})").key->id, 7u) << id;
  }
}

TEST(DashlyDecoderTest, TwoMessagesOfOneEventAreTwo) {
  const auto decode = [](absl::string_view message) {
    return DecodeDashly(1, kForm,
                        FormOf({{"type", "message_webhook"},
                                {"event_id", "5"},
                                {"message_id", std::string(message)},
                                {"message_name", "Hi"},
                                {"sending_id", "64558819"}}));
  };
  const NewEvent first = decode("1");
  EXPECT_EQ(first.event.conversation(), "dashly:64558819");
  EXPECT_EQ(first.event.dashly_message_webhook().message_name(), "Hi");
  EXPECT_EQ(first.key->id, 5u);
  EXPECT_EQ(first.key->kind, v1::EVENT_KIND_DASHLY_MESSAGE_WEBHOOK);
  EXPECT_EQ(first.key->revision, decode("1").key->revision);
  EXPECT_NE(first.key->revision, decode("2").key->revision);
}

TEST(DashlyDecoderTest, WhatIsNotUnderstoodIsKeptAndSaysWhy) {
  const std::pair<std::string, std::string> cases[] = {
      {FormOf({{"type", "brand_new"}}), "type is unknown"},
      {FormOf({{"user_id", "1"}}), "no type"},
      {FormOf({{"type", "conversation"}, {"conversation", "{oops"}}),
       "conversation"},
      {FormOf({{"type", "conversation"}, {"conversation", "[1]"}}),
       "conversation"},
      {FormOf({{"type", "conversation"}, {"conversation", "{}"}}), "no id"},
      {FormOf({{"type", "conversation"}}), "no id"},
      {FormOf({{"type", "conversation"}, {"conversation", R"({"id": 0})"}}),
       "no id"},
      {FormOf({{"type", "conversation"}, {"conversation", R"({"id": 1})"}}),
       "no conversation"},
  };
  for (const auto& [body, reason] : cases) {
    const NewEvent event = DecodeDashly(777, "text/odd", body);
    ASSERT_TRUE(event.event.has_unrecognized()) << body;
    EXPECT_EQ(event.event.unrecognized().hook(), "dashly");
    EXPECT_THAT(event.event.unrecognized().reason(), HasSubstr(reason));
    EXPECT_EQ(event.event.unrecognized().content_type(), "text/odd");
    EXPECT_EQ(event.event.app_id(), 777u);
    EXPECT_EQ(event.raw, body);
    EXPECT_FALSE(event.key);
    EXPECT_TRUE(event.content_fingerprint);
  }
}

TEST(DashlyDecoderTest, TimesOutsideOfTheCalendarAreLeftOut) {
  for (const absl::string_view created : {"99999999999999", "-5", "0"}) {
    const NewEvent event = DecodePart(absl::StrCat(
        R"({"id": 1, "conversation": 2, "created": )", created, "}"));
    EXPECT_FALSE(event.event.has_occurred_time()) << created;
  }
}

}  // namespace
}  // namespace chatgate
