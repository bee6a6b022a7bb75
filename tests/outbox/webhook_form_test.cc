#include "server/outbox/webhook_form.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "server/json/json_reader.h"
#include "tests/outbox/form_fields.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::StartsWith;

google::protobuf::Struct JsonOf(const std::string& text) {
  google::protobuf::Struct object;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, &object).ok());
  return object;
}

v1::Event Message(const char* type) {
  v1::Event event;
  event.set_source(v1::EVENT_SOURCE_EMBEDDED);
  event.set_conversation("dashly:5");
  event.mutable_dashly_conversation()->mutable_conversation()->set_type(type);
  return event;
}

// The example that the vendor prints has these fields, and this JSON in them.
TEST(WebhookFormTest, SaysAMessageAsTheVendorPrintsIt) {
  std::ifstream file(CHATGATE_GOLDEN_DIR "/webhooks/dashly_conversation.json");
  std::stringstream golden;
  golden << file.rdbuf();
  v1::Event event = Message("");
  event.set_conversation("dashly:64558819");
  ASSERT_THAT(
      ReadJson(golden.str(),
               event.mutable_dashly_conversation()->mutable_conversation()),
      IsOk());
  ASSERT_TRUE(IsWebhook(event));

  WebhookForm form = MakeWebhookForm(event);
  AppendFormField("token", "xxx", &form.body);

  EXPECT_EQ(form.kind, v1::WEBHOOK_DELIVERY_KIND_CONVERSATION);
  EXPECT_EQ(form.lane, "dashly:64558819");
  EXPECT_EQ(form.subject_id, 78183798);
  const FormFields fields = ReadFormFields(form.body);
  ASSERT_THAT(fields,
              ElementsAre(Pair("conversation", StartsWith("{")),
                          Pair("type", "conversation"), Pair("token", "xxx")));
  // The same keys and the same values, whatever their order.
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      JsonOf(fields[0].second), JsonOf(golden.str())))
      << fields[0].second;
}

TEST(WebhookFormTest, SaysAUserEventInTheVendorsFields) {
  v1::Event event;
  event.set_source(v1::EVENT_SOURCE_EMBEDDED);
  v1::DashlyEvent& told = *event.mutable_dashly_event();
  told.mutable_user()->set_id(18446744073709551615u);
  told.set_user_id(18446744073709551615u);
  told.set_event_name("Order & pay");
  told.mutable_event()->set_id(9);
  told.set_event_id(9);
  ASSERT_TRUE(IsWebhook(event));

  const WebhookForm form = MakeWebhookForm(event);

  EXPECT_EQ(form.kind, v1::WEBHOOK_DELIVERY_KIND_EVENT);
  EXPECT_EQ(form.lane, "user:18446744073709551615");
  EXPECT_EQ(form.subject_id, 9);
  EXPECT_THAT(ReadFormFields(form.body),
              ElementsAre(Pair("user", StartsWith("{")),
                          Pair("user_id", "18446744073709551615"),
                          Pair("event_name", "Order & pay"),
                          Pair("event", StartsWith("{")), Pair("event_id", "9"),
                          Pair("type", "event")));
}

TEST(WebhookFormTest, OnlyMessagesOfLeadsAndOperatorsAreWebhooks) {
  EXPECT_TRUE(IsWebhook(Message("reply_user")));
  EXPECT_TRUE(IsWebhook(Message("reply_admin")));
  EXPECT_FALSE(IsWebhook(Message("note")));
  EXPECT_FALSE(IsWebhook(Message("assigned")));
  EXPECT_FALSE(IsWebhook(v1::Event()));
}

TEST(WebhookFormTest, WhatDashlyToldIsNeverSentOn) {
  v1::Event event = Message("reply_user");
  event.set_source(v1::EVENT_SOURCE_DASHLY);
  EXPECT_FALSE(IsWebhook(event));
}

TEST(WebhookFormTest, TypingAndReadingAreNoWebhooks) {
  v1::Event event;
  event.set_source(v1::EVENT_SOURCE_EMBEDDED);
  event.mutable_conversation_typing()->set_body("h");
  EXPECT_FALSE(IsWebhook(event));
}

TEST(WebhookFormTest, EveryByteComesThroughTheForm) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  std::string form;
  AppendFormField("a", all, &form);
  EXPECT_THAT(ReadFormFields(form), ElementsAre(Pair("a", all)));
  EXPECT_TRUE(std::all_of(form.begin(), form.end(),
                          [](char c) { return c > ' ' && c < 127; }));
}

}  // namespace
}  // namespace chatgate
