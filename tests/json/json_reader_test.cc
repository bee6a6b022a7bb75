#include "server/json/json_reader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "chatgate/v1/events.pb.h"
#include "chatgate/v1/resources.pb.h"
#include "server/json/raw_json.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename T>
T Read(absl::string_view json) {
  T message;
  EXPECT_THAT(ReadJson(json, &message), IsOk()) << json;
  return message;
}

v1::ConversationPart Part(absl::string_view json) {
  return Read<v1::ConversationPart>(json);
}

absl::StatusCode CodeOf(absl::string_view json) {
  v1::ConversationPart part;
  return ReadJson(json, &part).code();
}

std::string Nested(absl::string_view open, absl::string_view inner,
                   absl::string_view close, int depth) {
  std::string json;
  for (int i = 0; i < depth; ++i) absl::StrAppend(&json, open);
  absl::StrAppend(&json, inner);
  for (int i = 0; i < depth; ++i) absl::StrAppend(&json, close);
  return json;
}

TEST(JsonReaderTest, ReadsThePartOfAWebhook) {
  const v1::ConversationPart part = Part(
      R"({"direction": "u2a", "conversation_closed": false,
          "conversation_tags": [], "type": "reply_user", "id": 78183798,
          "body": "ewfwfwef", "assignee": {"type": "admin", "name": "inkov",
          "avatar": "https://files.dashly.io/avatars/default-v2.png",
          "id": 111}, "sent_via": "web_user", "created": 1492604036,
          "random_id": 132466821, "conversation": 64558819,
          "from": 85648207})");

  EXPECT_EQ(part.id(), 78183798u);
  EXPECT_EQ(part.conversation(), 64558819u);
  EXPECT_EQ(part.sender().user_id(), 85648207u);
  EXPECT_EQ(part.assignee().name(), "inkov");
  EXPECT_EQ(part.created(), 1492604036);
  EXPECT_TRUE(part.has_conversation_closed());
  EXPECT_EQ(part.unknown_fields_json(), "");
}

TEST(JsonReaderTest, TakesIdsAsTextUpToTheLargest) {
  const v1::ConversationPart part = Part(
      R"({"id":"18446744073709551615","conversation":18446744073709551615})");
  EXPECT_EQ(part.id(), ~uint64_t{0});
  EXPECT_EQ(part.conversation(), ~uint64_t{0});
  EXPECT_EQ(part.unknown_fields_json(), "");
}

TEST(JsonReaderTest, TakesNumbersAndWordsAsText) {
  const v1::ConversationPart part =
      Part(R"({"body":1.10,"edited":1684740107,"external_id":true})");
  EXPECT_EQ(part.body(), "1.10");
  EXPECT_EQ(part.edited(), "1684740107");
  EXPECT_EQ(part.external_id(), "true");
}

TEST(JsonReaderTest, TakesWordsAndDigitsAsBooleans) {
  const v1::ConversationPart part =
      Part(R"({"read":"True","first":1,"conversation_closed":"0"})");
  EXPECT_TRUE(part.read());
  EXPECT_TRUE(part.first());
  EXPECT_TRUE(part.has_conversation_closed());
  EXPECT_FALSE(part.conversation_closed());
  EXPECT_EQ(part.unknown_fields_json(), "");
}

TEST(JsonReaderTest, TreatsNullAsUnset) {
  const v1::ConversationPart part = Part(
      R"({"edited":null,"assignee":null,"actions":null,"part_group":null,
          "conversation_tags":null,"from":null,"body":null})");
  EXPECT_EQ(part.ByteSizeLong(), 0u) << part.DebugString();
}

TEST(JsonReaderTest, KeepsUnknownMembersVerbatim) {
  EXPECT_EQ(Part(R"({"a":1.10,"id":5,"b":{"c":[1E2,-0,"\u00e9"]} ,"d":null})")
                .unknown_fields_json(),
            R"({"a":1.10,"b":{"c":[1E2,-0,"é"]},"d":null})");
}

TEST(JsonReaderTest, KeepsUnknownMembersWhereTheyStand) {
  const v1::ConversationPart part =
      Part(R"({"assignee":{"id":1,"mood":18446744073709551615}})");
  EXPECT_EQ(part.assignee().unknown_fields_json(),
            R"({"mood":18446744073709551615})");
  EXPECT_EQ(part.unknown_fields_json(), "");
}

TEST(JsonReaderTest, CutsAFractionAndKeepsTheOriginal) {
  const v1::ConversationPart part = Part(R"({"created":1492604036.90})");
  EXPECT_EQ(part.created(), 1492604036);
  EXPECT_EQ(part.unknown_fields_json(), R"({"created":1492604036.90})");
}

TEST(JsonReaderTest, TakesAWholeNumberWithAPoint) {
  const v1::ConversationPart part = Part(R"({"created":1492604036.0})");
  EXPECT_EQ(part.created(), 1492604036);
  EXPECT_EQ(part.unknown_fields_json(), "");
}

TEST(JsonReaderTest, CutsTowardsZero) {
  EXPECT_EQ(Part(R"({"created":-1.9})").created(), -1);
  EXPECT_EQ(Part(R"({"created":"-1.9"})").created(), -1);
}

TEST(JsonReaderTest, KeepsWhatDoesNotFit) {
  const v1::ConversationPart part =
      Part(R"({"random_id":4294967296,"id":-1,"read":"maybe","body":[1],
               "conversation_tags":"x","created":"soon","assignee":[2]})");
  EXPECT_EQ(part.unknown_fields_json(),
            R"({"random_id":4294967296,"id":-1,"read":"maybe","body":[1],)"
            R"("conversation_tags":"x","created":"soon","assignee":[2]})");
  EXPECT_FALSE(part.has_read());
  EXPECT_FALSE(part.has_assignee());
}

TEST(JsonReaderTest, TakesTheIdOfAnObject) {
  const v1::ConversationPart part =
      Part(R"({"conversation":{"id":"7","closed":true}})");
  EXPECT_EQ(part.conversation(), 7u);
  EXPECT_EQ(part.unknown_fields_json(),
            R"({"conversation":{"id":"7","closed":true}})");
}

TEST(JsonReaderTest, TakesABareNumberAsTheIdOfAnObject) {
  const v1::ConversationPart part = Part(R"({"assignee":111})");
  EXPECT_EQ(part.assignee().id(), 111u);
  EXPECT_EQ(part.unknown_fields_json(), R"({"assignee":111})");
}

TEST(JsonReaderTest, KeepsAListThatHoldsWhatDoesNotFit) {
  const v1::ConversationPart part =
      Part(R"({"conversation_tags":["a",null,{"b":1},"c"]})");
  EXPECT_THAT(part.conversation_tags(), ElementsAre("a", "c"));
  EXPECT_EQ(part.unknown_fields_json(),
            R"({"conversation_tags":["a",null,{"b":1},"c"]})");
}

TEST(JsonReaderTest, TakesTheLastOfTwoMembersWithOneKey) {
  EXPECT_EQ(Part(R"({"id":1,"id":2})").id(), 2u);
  EXPECT_EQ(Part(R"({"x":1,"x":2})").unknown_fields_json(), R"({"x":2})");
  EXPECT_THAT(Part(R"({"conversation_tags":["a"],"conversation_tags":["b"]})")
                  .conversation_tags(),
              ElementsAre("b"));
}

TEST(JsonReaderTest, ForgetsAMisfitThatALaterMemberReplaces) {
  const v1::ConversationPart part = Part(R"({"id":"x","id":2})");
  EXPECT_EQ(part.id(), 2u);
  EXPECT_EQ(part.unknown_fields_json(), "");
  EXPECT_EQ(Part(R"({"id":2,"id":"x"})").id(), 0u);
}

TEST(JsonReaderTest, ReadsEveryKindOfSender) {
  EXPECT_EQ(Part(R"({"from":"85648207"})").sender().user_id(), 85648207u);
  EXPECT_EQ(Part(R"({"from":{"id":1,"type":"bot"}})").sender().admin().id(),
            1u);
  EXPECT_EQ(Part(R"({"from":{"id":1,"type":"message_sender"}})")
                .sender()
                .message_sender()
                .id(),
            1u);
  EXPECT_EQ(Part(R"({"from":"{\"id\":2}"})").sender().admin().id(), 2u);
}

TEST(JsonReaderTest, KeepsASenderThatIsNone) {
  const v1::ConversationPart part = Part(R"({"from":"nobody"})");
  EXPECT_FALSE(part.has_sender());
  EXPECT_EQ(part.unknown_fields_json(), R"({"from":"nobody"})");
}

TEST(JsonReaderTest, TakesJsonTextWhereAnObjectOrAListIsExpected) {
  const v1::ConversationPart part =
      Part(R"({"assignee":"{\"id\":3}","meta_data":"{\"a\":1}",
               "conversation_tags":"[\"x\",\"y\"]","channel":""})");
  EXPECT_EQ(part.assignee().id(), 3u);
  EXPECT_EQ(part.meta_data().fields().at("a").number_value(), 1);
  EXPECT_THAT(part.conversation_tags(), ElementsAre("x", "y"));
  EXPECT_FALSE(part.has_channel());
  EXPECT_EQ(part.unknown_fields_json(), "");
}

TEST(JsonReaderTest, TakesFourTextsInsideEachOtherAndKeepsAFifthAsItIs) {
  // Each field's value is the JSON text of an object with the next field.
  std::string json = R"({"id":1})";
  const auto wrap = [&](absl::string_view field) {
    std::string quoted;
    AppendJsonString(json, /*ascii=*/false, &quoted);
    json = absl::StrCat("{\"", field, "\":", quoted, "}");
  };
  wrap("author");
  const auto note = Read<v1::UserNote>(json);
  EXPECT_EQ(note.author().id(), 1u);
  json = absl::StrCat("[", json, "]");
  wrap("notes");
  wrap("user");
  EXPECT_EQ(Read<v1::Conversation>(json).user().notes(0).author().id(), 1u);

  json = absl::StrCat("[", json, "]");
  wrap("conversations");
  const auto page = Read<v1::ListConversationsResponse>(json);
  const v1::UserNote& deepest = page.conversations(0).user().notes(0);
  EXPECT_FALSE(deepest.has_author());
  EXPECT_EQ(deepest.unknown_fields_json(), R"({"author":"{\"id\":1}"})");
}

TEST(JsonReaderTest, MakesTextOfLargeWholeNumbersInAStruct) {
  const auto fields =
      Part(R"({"meta_data":{"a":9007199254740992,"b":9007199254740993,
               "c":-9007199254740993,"d":18446744073709551615,"e":null,
               "f":[1.5,true]}})")
          .meta_data()
          .fields();
  EXPECT_EQ(fields.at("a").number_value(), 9007199254740992.0);
  EXPECT_EQ(fields.at("b").string_value(), "9007199254740993");
  EXPECT_EQ(fields.at("c").string_value(), "-9007199254740993");
  EXPECT_EQ(fields.at("d").string_value(), "18446744073709551615");
  EXPECT_TRUE(fields.at("e").has_null_value());
  EXPECT_EQ(fields.at("f").list_value().values(0).number_value(), 1.5);
}

TEST(JsonReaderTest, RepairsBrokenText) {
  EXPECT_EQ(Part(R"({"body":"a\ud800b"})").body(),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(Part(R"({"body":"\udc00\ud83d\ude00"})").body(),
            "\xEF\xBF\xBD\xF0\x9F\x98\x80");
  // A high one before a letter that is no low one.
  EXPECT_EQ(Part(R"({"body":"\ud888\u1234"})").body(),
            "\xEF\xBF\xBD\xE1\x88\xB4");
  EXPECT_EQ(Part("{\"body\":\"a\xFF\"}").body(), "a\xEF\xBF\xBD");
  EXPECT_EQ(Part("{\"body\":\"a\nb\"}").body(), "a\nb");
  EXPECT_EQ(Part(R"({"body":"a\qb\u12"})").body(), R"(a\qb\u12)");
}

TEST(JsonReaderTest, KeepsNumbersVerbatimAfterARepair) {
  EXPECT_EQ(Part("{\"b\xFF\":1.10}").unknown_fields_json(),
            "{\"b\xEF\xBF\xBD\":1.10}");
}

TEST(JsonReaderTest, SkipsAByteOrderMark) {
  EXPECT_EQ(Part("\xEF\xBB\xBF {\"id\":1,\"x\":1.0}").unknown_fields_json(),
            R"({"x":1.0})");
}

TEST(JsonReaderTest, RefusesWhatIsNoObject) {
  for (const absl::string_view json :
       {"", " ", "[]", "1", "\"x\"", "null", "{", "{\"a\":}", "{} {}",
        "{\"a\":1 // comment\n}"}) {
    EXPECT_EQ(CodeOf(json), absl::StatusCode::kInvalidArgument) << json;
  }
}

TEST(JsonReaderTest, RefusesNumbersThatNoFieldCouldHold) {
  EXPECT_EQ(CodeOf(R"({"id":18446744073709551616})"),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(R"({"id":1e400})"), absl::StatusCode::kInvalidArgument);
}

TEST(JsonReaderTest, RefusesMoreThan64Levels) {
  const auto json = [](int depth) {
    return absl::StrCat("{\"x\":", Nested("[", "1", "]", depth - 1), "}");
  };
  EXPECT_EQ(CodeOf(json(64)), absl::StatusCode::kOk);
  EXPECT_EQ(CodeOf(json(65)), absl::StatusCode::kInvalidArgument);
}

// protobuf's own parsers stop at 100 levels, and a level of JSON is three.
TEST(JsonReaderTest, KeepsAStructThatProtobufCouldNotReadAgain) {
  const auto part = [](int depth) {
    return Part(absl::StrCat("{\"channel\":{\"auto_set_settings\":",
                             Nested("{\"a\":", "1", "}", depth), "}}"));
  };
  v1::ListEventsResponse page;
  *page.add_events()->mutable_dashly_conversation()->mutable_conversation() =
      part(24);
  EXPECT_TRUE(page.events(0)
                  .dashly_conversation()
                  .conversation()
                  .channel()
                  .has_auto_set_settings());
  EXPECT_TRUE(
      v1::ListEventsResponse().ParseFromString(page.SerializeAsString()));

  EXPECT_FALSE(part(25).channel().has_auto_set_settings());
  EXPECT_THAT(part(25).channel().unknown_fields_json(),
              HasSubstr("auto_set_settings"));
}

TEST(JsonReaderTest, DoesNotLetTheSenderWriteUnknownFieldsJson) {
  EXPECT_EQ(
      Part(R"({"unknown_fields_json":"{\"id\":1}"})").unknown_fields_json(),
      R"({"unknown_fields_json":"{\"id\":1}"})");
}

TEST(JsonReaderTest, DropsUnknownMembersWhereThereIsNoPlaceForThem) {
  const auto request =
      Read<v1::CloseConversationRequest>(R"({"random_id":1,"x":2})");
  EXPECT_EQ(request.random_id(), 1u);
}

TEST(JsonReaderTest, ReadsChatliosNames) {
  const auto visitor = Read<v1::ChatlioVisitor>(
      R"({"UUID":"u","IPAddress":"10.0.0.1","identTraits":"{\"a\":1}"})");
  EXPECT_EQ(visitor.uuid(), "u");
  EXPECT_EQ(visitor.ident_traits(), R"({"a":1})");
  const auto transcript =
      Read<v1::ChatlioTranscript>(R"({"visitorTraits":"","messages":[{}]})");
  EXPECT_FALSE(transcript.has_visitor_traits());
  EXPECT_EQ(transcript.messages_size(), 1);
  EXPECT_EQ(transcript.unknown_fields_json(), "");
}

TEST(JsonReaderTest, ReadsAStruct) {
  const auto any = Read<google::protobuf::Struct>(R"({"a":[1]})");
  EXPECT_EQ(any.fields().at("a").list_value().values_size(), 1);
}

TEST(JsonReaderTest, SaysWhatIsWrong) {
  v1::ConversationPart part;
  EXPECT_THAT(
      ReadJson("[]", &part),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not an object")));
}

}  // namespace
}  // namespace chatgate
