#include "server/json/form_reader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chatgate/v1/chat_service.pb.h"
#include "chatgate/v1/events.pb.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

FormFields Parse(absl::string_view body) {
  absl::StatusOr<FormFields> fields = ParseForm(body);
  EXPECT_THAT(fields, IsOk());
  return fields.ok() ? *fields : FormFields();
}

TEST(ParseFormTest, DecodesSpacesAndEscapes) {
  EXPECT_THAT(Parse("a=1+2%203&b%20c=%D0%BF%d1%83"),
              ElementsAre(Pair("a", "1 2 3"), Pair("b c", "пу")));
}

TEST(ParseFormTest, KeepsWhatIsNotEncoded) {
  EXPECT_THAT(Parse("a=пу: x/y=z"), ElementsAre(Pair("a", "пу: x/y=z")));
}

TEST(ParseFormTest, KeepsBrokenEscapes) {
  EXPECT_THAT(
      Parse("a=100%&b=%zz&c=%4"),
      ElementsAre(Pair("a", "100%"), Pair("b", "%zz"), Pair("c", "%4")));
}

TEST(ParseFormTest, TakesFieldsWithoutAValue) {
  EXPECT_THAT(Parse("a&b=&=c&&"),
              ElementsAre(Pair("a", ""), Pair("b", ""), Pair("", "c")));
  EXPECT_THAT(Parse(""), IsEmpty());
}

TEST(ParseFormTest, DropsTheLineEndAfterTheLastField) {
  EXPECT_THAT(Parse("token=xxx\r\n"), ElementsAre(Pair("token", "xxx")));
  EXPECT_THAT(Parse("token=xxx%0A"), ElementsAre(Pair("token", "xxx\n")));
}

TEST(ParseFormTest, TakesBareJsonUpToItsLastBrace) {
  EXPECT_THAT(
      Parse(R"(conversation={"body": "a & b = c+d %41 } \" ]", "n": [{}]})"
            "&type=conversation&token=xxx"),
      ElementsAre(Pair("conversation",
                       R"({"body": "a & b = c+d %41 } \" ]", "n": [{}]})"),
                  Pair("type", "conversation"), Pair("token", "xxx")));
}

TEST(ParseFormTest, TakesABareList) {
  EXPECT_THAT(
      Parse(R"(operations=[{"op":"add&"}]&x=1)"),
      ElementsAre(Pair("operations", R"([{"op":"add&"}])"), Pair("x", "1")));
}

TEST(ParseFormTest, DecodesJsonOfWhichOnlyTheBracesAreBare) {
  EXPECT_THAT(Parse("a={%22b%22:+%22c%26%22}&x=1"),
              ElementsAre(Pair("a", R"({"b": "c&"})"), Pair("x", "1")));
}

TEST(ParseFormTest, SplitsAsUsualWhereTheBraceHasNoPartner) {
  EXPECT_THAT(Parse(R"(a={"b&c=1)"),
              ElementsAre(Pair("a", R"({"b)"), Pair("c", "1")));
  EXPECT_THAT(Parse(R"(a={"b":1}x&c=1)"),
              ElementsAre(Pair("a", R"({"b":1}x)"), Pair("c", "1")));
}

TEST(ParseFormTest, RefusesMoreFieldsThanTheLimit) {
  EXPECT_THAT(ParseForm("a=1&b=2", 2), IsOk());
  EXPECT_THAT(ParseForm("a=1&b=2&c=3", 2),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("more than 2 fields")));
  std::string body;
  for (size_t i = 0; i <= kFormFieldsMax; ++i) absl::StrAppend(&body, "a=1&");
  EXPECT_FALSE(ParseForm(body).ok());
}

// A thousand fields that look like bare JSON, before a long tail: looked at
// again for each of them, the tail would take seconds.
TEST(ParseFormTest, StopsLookingForBareJsonThatHasNoEnd) {
  std::string body;
  for (int i = 0; i < 990; ++i) absl::StrAppend(&body, "a={\"\"&");
  body.append(size_t{1} << 20, 'x');
  const absl::Time begin = absl::Now();
  EXPECT_THAT(Parse(body), ::testing::SizeIs(991));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(2));
}

TEST(ReadFieldsTest, ReadsTheFieldsOfAWebhook) {
  v1::DashlyEvent event;
  ASSERT_THAT(
      ReadFields({{"type", "event"},
                  {"token", "xxx"},
                  {"user", R"({"id":7183415,"mood":1.0})"},
                  {"user_id", "7183415"},
                  {"event_name", "My Event"},
                  {"event", R"({"id":"335704586","type":{"name":"x"}})"},
                  {"event_id", "335704586"}},
                 &event, {"token", "type"}),
      IsOk());
  EXPECT_EQ(event.user().id(), 7183415u);
  EXPECT_EQ(event.user().unknown_fields_json(), R"({"mood":1.0})");
  EXPECT_EQ(event.user_id(), 7183415u);
  EXPECT_EQ(event.event_name(), "My Event");
  EXPECT_EQ(event.event().type().name(), "x");
  EXPECT_EQ(event.unknown_fields_json(), "");
}

TEST(ReadFieldsTest, KeepsUnknownFieldsAsText) {
  v1::DashlyConversation hook;
  ASSERT_THAT(ReadFields({{"zeta", "1"},
                          {"alpha", "a\"b\xFF"},
                          {"zeta", "2"},
                          {"token", "secret"}},
                         &hook, {"token"}),
              IsOk());
  EXPECT_EQ(hook.unknown_fields_json(),
            "{\"alpha\":\"a\\\"b\xEF\xBF\xBD\",\"zeta\":\"2\"}");
}

TEST(ReadFieldsTest, NamesAJsonFieldThatIsNone) {
  v1::DashlyConversation hook;
  for (const char* value : {"{", "[]", "x", "\"{}\"", "null"}) {
    EXPECT_THAT(ReadFields({{"conversation", value}}, &hook),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("`conversation`")))
        << value;
  }
}

TEST(ReadFieldsTest, KeepsWhatDoesNotFit) {
  v1::DashlyEvent event;
  ASSERT_THAT(ReadFields({{"user_id", "nobody"}, {"event_id", ""}}, &event),
              IsOk());
  EXPECT_EQ(event.unknown_fields_json(), R"({"user_id":"nobody"})");
}

TEST(ReadFieldsTest, TakesTheLastOfTwoFieldsWithOneName) {
  v1::DashlyEvent event;
  ASSERT_THAT(ReadFields({{"user_id", "x"}, {"user_id", "5"}}, &event), IsOk());
  EXPECT_EQ(event.user_id(), 5u);
  EXPECT_EQ(event.unknown_fields_json(), "");
}

TEST(ReadFieldsTest, ReadsTheArgumentsOfACall) {
  v1::ListConversationsRequest request;
  ASSERT_THAT(ReadFields({{"count", "50"},
                          {"after", "1454408108.30303"},
                          {"closed", ""},
                          {"include_not_assigned", "yes"},
                          {"assigned", "0"},
                          {"tags", "vip,new"}},
                         &request),
              IsOk());
  EXPECT_EQ(request.page_size(), 50);
  EXPECT_EQ(request.page_token(), "1454408108.30303");
  EXPECT_TRUE(request.has_closed());
  EXPECT_FALSE(request.closed());
  EXPECT_TRUE(request.include_not_assigned());
  EXPECT_TRUE(request.has_assigned());
  EXPECT_THAT(request.tags(), ElementsAre("vip", "new"));
}

TEST(ReadFieldsTest, ReadsListsAndObjectsFromJsonText) {
  v1::SetUserPropsRequest props;
  ASSERT_THAT(
      ReadFields({{"operations", R"([{"op":"add","key":"n","value":"3"}])"}},
                 &props),
      IsOk());
  EXPECT_EQ(props.operations(0).value().string_value(), "3");
  EXPECT_FALSE(ReadFields({{"operations", "x"}}, &props).ok());
  v1::TrackUserEventRequest event;
  ASSERT_THAT(ReadFields({{"params", R"({"a":1})"}}, &event), IsOk());
  EXPECT_EQ(event.params().fields().at("a").number_value(), 1);
}

TEST(ReadFieldsTest, DoesNotLetAFormSetLocalFields) {
  v1::CloseConversationRequest request;
  ASSERT_THAT(ReadFields({{"app_id", "5"}, {"request_id", "x"}}, &request),
              IsOk());
  EXPECT_EQ(request.ByteSizeLong(), 0u);
}

}  // namespace
}  // namespace chatgate
