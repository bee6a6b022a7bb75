#include "server/json/json_writer.h"

#include <string>

#include "chatgate/v1/events.pb.h"
#include "chatgate/v1/resources.pb.h"
#include "google/protobuf/struct.pb.h"
#include "server/json/json_reader.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The part of the vendor's own example, sorted as the writer sorts.
constexpr char kWebhookPart[] =
    R"({"id": 78183798, "conversation": 64558819, "created": 1492604036, )"
    R"("body": "ewfwfwef", "type": "reply_user", "sent_via": "web_user", )"
    R"("from": 85648207, "direction": "u2a", "random_id": 132466821, )"
    R"("assignee": {"id": 111, "name": "inkov", )"
    R"("avatar": "https://files.dashly.io/avatars/default-v2.png", )"
    R"("type": "admin"}, "conversation_closed": false, )"
    R"("conversation_tags": []})";

v1::Admin Admin(const std::string& name) {
  v1::Admin admin;
  admin.set_name(name);
  return admin;
}

std::string StructJson(const std::string& json) {
  google::protobuf::Struct value;
  EXPECT_THAT(ReadJson(json, &value), IsOk());
  return WriteJson(value);
}

TEST(JsonWriterTest, WritesThePartOfAWebhookAsItCame) {
  v1::ConversationPart part;
  ASSERT_THAT(ReadJson(kWebhookPart, &part), IsOk());
  EXPECT_EQ(WriteJson(part), kWebhookPart);
}

TEST(JsonWriterTest, WritesIdsAsTextOnRequest) {
  v1::ConversationPart part;
  part.set_id(~uint64_t{0});
  part.set_random_id(5);
  part.mutable_sender()->set_user_id(7);
  const std::string json = WriteJson(part, {.ids_as_text = true});
  EXPECT_THAT(json, HasSubstr(R"("id": "18446744073709551615")"));
  EXPECT_THAT(json, HasSubstr(R"("from": "7")"));
  EXPECT_THAT(json, HasSubstr(R"("random_id": 5)"));
  EXPECT_THAT(WriteJson(part), HasSubstr(R"("id": 18446744073709551615,)"));
}

TEST(JsonWriterTest, WritesAsciiAlone) {
  EXPECT_THAT(WriteJson(Admin("é😀\"\\\n\x01")),
              HasSubstr(R"("name": "\u00e9\ud83d\ude00\"\\\n\u0001")"));
}

TEST(JsonWriterTest, WritesUtf8OnRequest) {
  EXPECT_THAT(WriteJson(Admin("é😀"), {.utf8 = true}),
              HasSubstr(R"("name": "é😀")"));
}

TEST(JsonWriterTest, RepairsTextThatIsNoUtf8) {
  EXPECT_THAT(WriteJson(Admin("a\xFF")), HasSubstr(R"("a\ufffd")"));
}

TEST(JsonWriterTest, LeavesOutAnIdThatIsNone) {
  EXPECT_THAT(WriteJson(Admin("inkov")), Not(HasSubstr("\"id\"")));
}

TEST(JsonWriterTest, WritesTheEmptyValuesThatThePlatformWrites) {
  const std::string json = WriteJson(v1::Conversation());
  EXPECT_THAT(json, HasSubstr(R"("message": null)"));
  EXPECT_THAT(json, HasSubstr(R"("assignee": null)"));
  EXPECT_THAT(json, HasSubstr(R"("tags": [])"));
  EXPECT_THAT(json, HasSubstr(R"("closed": false)"));
  EXPECT_THAT(json, Not(HasSubstr("channel")));
}

TEST(JsonWriterTest, LeavesOutASenderWithoutAMember) {
  v1::ConversationPart part;
  part.mutable_sender();
  EXPECT_THAT(WriteJson(part), Not(HasSubstr("from")));
}

TEST(JsonWriterTest, MergesUnknownFields) {
  v1::Admin admin = Admin("inkov");
  admin.set_unknown_fields_json(R"({"mood":1.10,"a":["é",{"b":null}]})");
  EXPECT_THAT(
      WriteJson(admin),
      HasSubstr(R"("type": "", "mood": 1.10, "a": ["\u00e9", {"b": null}]})"));
}

TEST(JsonWriterTest, PrefersTheOriginalOfAField) {
  v1::ConversationPart part;
  ASSERT_THAT(ReadJson(R"({"created":1.50})", &part), IsOk());
  const std::string json = WriteJson(part);
  EXPECT_THAT(json, HasSubstr(R"("created": 1.50)"));
  EXPECT_EQ(json.find("created"), json.rfind("created"));
}

TEST(JsonWriterTest, LeavesOutUnknownFieldsThatAreNoObject) {
  for (const char* json : {"{", "[1]", "{}", "x"}) {
    v1::Admin admin;
    admin.set_unknown_fields_json(json);
    EXPECT_EQ(WriteJson(admin), WriteJson(v1::Admin())) << json;
  }
}

TEST(JsonWriterTest, WritesUnknownFieldsAtEveryLevel) {
  v1::Conversation conversation;
  conversation.set_unknown_fields_json(R"({"x1":1})");
  v1::ConversationPart& part = *conversation.mutable_part_last();
  part.set_unknown_fields_json(R"({"x2":1})");
  part.mutable_channel()->set_unknown_fields_json(R"({"x3":1})");
  v1::Admin& admin = *part.mutable_channel()->add_operators();
  admin.set_unknown_fields_json(R"({"x4":1})");
  const std::string json = WriteJson(conversation);
  for (const char* key : {"x1", "x2", "x3", "x4"}) {
    EXPECT_THAT(json, HasSubstr(key));
  }
}

TEST(JsonWriterTest, WritesWholeNumbersOfAStructWithoutAPoint) {
  EXPECT_EQ(StructJson(R"({"b":3.0,"a":-5,"c":1.5,"d":1e300,"e":-0.0})"),
            R"({"a": -5, "b": 3, "c": 1.5, "d": 1e+300, "e": -0.0})");
}

TEST(JsonWriterTest, KeepsLargeNumbersOfAStructNumbers) {
  google::protobuf::Struct value;
  (*value.mutable_fields())["a"].set_number_value(1e18);
  google::protobuf::Struct again;
  ASSERT_THAT(ReadJson(WriteJson(value), &again), IsOk());
  EXPECT_EQ(again.fields().at("a").number_value(), 1e18);
}

TEST(JsonWriterTest, WritesTimesWordsAndBytesOfAnEvent) {
  v1::Event event;
  event.set_source(v1::EVENT_SOURCE_DASHLY);
  event.mutable_received_time()->set_seconds(1492604036);
  event.mutable_received_time()->set_nanos(500000000);
  event.set_raw("\xFF");
  const std::string json = WriteJson(event);
  EXPECT_THAT(json, HasSubstr(R"("source": "EVENT_SOURCE_DASHLY")"));
  EXPECT_THAT(json, HasSubstr(R"("received_time": "2017-04-19T12:13:56.5Z")"));
  EXPECT_THAT(json, HasSubstr(R"("raw": "/w==")"));
}

}  // namespace
}  // namespace chatgate
