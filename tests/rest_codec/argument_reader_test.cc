#include "gmock/gmock.h"
#include "tests/rest_codec/codec_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using v1::AssignConversationRequest;
using v1::GetConversationRequest;
using v1::GetUserRequest;
using v1::ListConversationPartsRequest;
using v1::ListConversationsRequest;
using v1::ListUsersRequest;
using v1::ReplyToConversationRequest;
using v1::TrackUserEventRequest;

class ArgumentReaderTest : public CodecTest {};

TEST_F(ArgumentReaderTest, IdsAreExactToTheLastOne) {
  ASSERT_OK_AND_ASSIGN(
      const GetConversationRequest request,
      Read<GetConversationRequest>({}, {"18446744073709551615"}));
  EXPECT_EQ(request.conversation_id(), 18446744073709551615u);
}

TEST_F(ArgumentReaderTest, OneMoreThanTheLastIdIsRefused) {
  EXPECT_THAT(Wrong<GetConversationRequest>({}, {"18446744073709551616"}),
              ElementsAre("conversation_id: must be a whole number from 0 to "
                          "18446744073709551615"));
  EXPECT_THAT(
      Wrong<AssignConversationRequest>({{"admin", "18446744073709551616"}}),
      ElementsAre("admin: must be a whole number from 0 to "
                  "18446744073709551615"));
}

TEST_F(ArgumentReaderTest, NumbersOfTheWrongTypeAreNamed) {
  EXPECT_THAT(
      Wrong<ReplyToConversationRequest>({{"random_id", "-1"},
                                         {"auto_assign", "admin"},
                                         {"auto_assign_random_id", "1.5"}}),
      ElementsAre("random_id: must be a whole number from 0 to 4294967295",
                  "auto_assign: must be a whole number from 0 to "
                  "18446744073709551615",
                  "auto_assign_random_id: must be a whole number from 0 to "
                  "4294967295"));
  EXPECT_THAT(Wrong<ReplyToConversationRequest>({{"random_id", "4294967296"}}),
              ElementsAre("random_id: must be a whole number from 0 to "
                          "4294967295"));
  for (const char* text : {"nan", "inf", "1e400", "0x10", "five", "1 2"}) {
    EXPECT_EQ(Wrong<ListUsersRequest>({{"offset", text}}).size(), 1u) << text;
  }
}

TEST_F(ArgumentReaderTest, WholeNumbersMayHaveAPoint) {
  ASSERT_OK_AND_ASSIGN(const ListUsersRequest request,
                       Read<ListUsersRequest>({{"offset", "40.0"}}));
  EXPECT_EQ(request.offset(), 40);
}

TEST_F(ArgumentReaderTest, FractionsOfASecondAreCutOff) {
  ASSERT_OK_AND_ASSIGN(
      const TrackUserEventRequest request,
      Read<TrackUserEventRequest>({{"created", "1450420434.75"}}));
  EXPECT_EQ(request.created(), 1450420434);
}

TEST_F(ArgumentReaderTest, EmptyNumbersAreAbsent) {
  ASSERT_OK_AND_ASSIGN(const AssignConversationRequest request,
                       Read<AssignConversationRequest>({{"admin", ""}}));
  EXPECT_FALSE(request.has_admin());
}

TEST_F(ArgumentReaderTest, ZeroIsNotAbsent) {
  ASSERT_OK_AND_ASSIGN(const ListConversationsRequest request,
                       Read<ListConversationsRequest>({{"assigned", "0"}}));
  EXPECT_TRUE(request.has_assigned());
}

TEST_F(ArgumentReaderTest, OnlyFalseZeroAndNothingAreFalse) {
  for (const char* text : {"false", "False", "FALSE", "0", ""}) {
    ASSERT_OK_AND_ASSIGN(const GetUserRequest request,
                         Read<GetUserRequest>({{"props", text}}));
    EXPECT_TRUE(request.has_props()) << text;
    EXPECT_FALSE(request.props()) << text;
  }
  for (const char* text : {"true", "1", "no", "off", "00", "нет"}) {
    ASSERT_OK_AND_ASSIGN(const GetUserRequest request,
                         Read<GetUserRequest>({{"props", text}}));
    EXPECT_TRUE(request.props()) << text;
  }
}

TEST_F(ArgumentReaderTest, AbsentBooleansAreUnset) {
  ASSERT_OK_AND_ASSIGN(const GetUserRequest request, Read<GetUserRequest>({}));
  EXPECT_FALSE(request.has_props());
}

TEST_F(ArgumentReaderTest, ZeroAndNothingAreTheFirstPage) {
  for (const char* text : {"0", "", "0.0"}) {
    ASSERT_OK_AND_ASSIGN(const ListConversationPartsRequest request,
                         Read<ListConversationPartsRequest>({{"after", text}}));
    EXPECT_EQ(request.page_token(), "") << text;
  }
}

TEST_F(ArgumentReaderTest, CursorsKeepTheirSpelling) {
  ASSERT_OK_AND_ASSIGN(
      const ListConversationPartsRequest request,
      Read<ListConversationPartsRequest>({{"after", "1454408108.30303"}}));
  EXPECT_EQ(request.page_token(), "1454408108.30303");
}

// What is more than a page holds is for the platform to clamp, however much.
TEST_F(ArgumentReaderTest, HugePagesAreNoError) {
  ASSERT_OK_AND_ASSIGN(
      const ListConversationPartsRequest request,
      Read<ListConversationPartsRequest>({{"count", "99999999999"}}));
  EXPECT_EQ(request.page_size(), 2147483647);
}

TEST_F(ArgumentReaderTest, NegativePagesReachThePlatform) {
  ASSERT_OK_AND_ASSIGN(const ListConversationPartsRequest request,
                       Read<ListConversationPartsRequest>({{"count", "-3"}}));
  EXPECT_EQ(request.page_size(), -3);
}

TEST_F(ArgumentReaderTest, ListsOfWordsComeInThreeForms) {
  const RestArguments comma = {{"tags", "vip, b2b,"}};
  const RestArguments array = {{"tags", R"(["vip", "b2b"])"}};
  const RestArguments bare = {{"tags", R"(["vip","b2b"])", true}};
  const RestArguments several = {{"tags", "vip"}, {"tags", "b2b"}};
  for (const RestArguments& arguments : {comma, array, bare, several}) {
    ASSERT_OK_AND_ASSIGN(const ListConversationsRequest request,
                         Read<ListConversationsRequest>(arguments));
    EXPECT_THAT(request.tags(), ElementsAre("vip", "b2b"));
  }
}

TEST_F(ArgumentReaderTest, ListsOfOtherThingsAreRefused) {
  for (const char* text : {"[\"vip\"", "[[1]]", "[null]"}) {
    EXPECT_EQ(Wrong<ListConversationsRequest>({{"tags", text}}).size(), 1u)
        << text;
  }
  EXPECT_EQ(
      Wrong<ListConversationsRequest>({{"tags", R"({"a": 1})", true}}).size(),
      1u);
}

TEST_F(ArgumentReaderTest, TextThatIsNotUtf8IsRefused) {
  EXPECT_THAT(Wrong<ReplyToConversationRequest>({{"body", "\xff\xfe"}}),
              ElementsAre("body: is not UTF-8"));
  EXPECT_THAT(Wrong<GetUserRequest>({}, {"\xc3"}),
              ElementsAre("user_id: is not UTF-8"));
  EXPECT_THAT(Wrong<ListConversationsRequest>({{"tags", "\xed\xa0\x80"}}),
              ElementsAre("tags: is not UTF-8"));
}

TEST_F(ArgumentReaderTest, ObjectsInPlaceOfTextAreRefused) {
  EXPECT_THAT(Wrong<ReplyToConversationRequest>({{"body", "{}", true}}),
              ElementsAre("body: must be text, a number or a boolean"));
}

TEST_F(ArgumentReaderTest, TheLastOfSeveralCounts) {
  ASSERT_OK_AND_ASSIGN(
      const ReplyToConversationRequest request,
      Read<ReplyToConversationRequest>({{"body", "query"}, {"body", "form"}}));
  EXPECT_EQ(request.body(), "form");
}

TEST_F(ArgumentReaderTest, UnknownAndOwnArgumentsAreIgnored) {
  ASSERT_OK_AND_ASSIGN(
      const ReplyToConversationRequest request,
      Read<ReplyToConversationRequest>({{"colour", "red"},
                                        {"app_id", "x"},
                                        {"request_id", "abc"},
                                        {"conversation_id", "99"}},
                                       {"12"}));
  EXPECT_EQ(request.conversation_id(), 12u);
  EXPECT_EQ(request.app_id(), 0u);
  EXPECT_THAT(request.request_id(), IsEmpty());
}

}  // namespace
}  // namespace chatgate
