#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/rest_codec/codec_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using v1::ListUsersRequest;
using v1::SetUserPropsRequest;
using v1::TrackUserEventRequest;

class JsonArgumentTest : public CodecTest {};

std::string Nested(int depth) {
  return absl::StrCat(std::string(depth, '['), std::string(depth, ']'));
}

TEST_F(JsonArgumentTest, ListsComeBareAndAsText) {
  for (const bool native : {true, false}) {
    ASSERT_OK_AND_ASSIGN(
        const SetUserPropsRequest request,
        Read<SetUserPropsRequest>(
            {{"operations", R"([{"op": "add", "key": "k", "value": 2}])",
              native}}));
    ASSERT_EQ(request.operations_size(), 1);
    EXPECT_EQ(request.operations(0).value().number_value(), 2);
  }
}

// `$name` of PHP's json_encode for an object without members.
TEST_F(JsonArgumentTest, AnEmptyArrayIsAnObjectWithoutMembers) {
  EXPECT_THAT(Read<ListUsersRequest>({{"filters", "[]"}}), IsOk());
  EXPECT_THAT(Read<TrackUserEventRequest>({{"params", "[]"}}), IsOk());
}

TEST_F(JsonArgumentTest, NullAndNothingAreAbsent) {
  for (const char* text : {"null", ""}) {
    ASSERT_OK_AND_ASSIGN(const TrackUserEventRequest request,
                         Read<TrackUserEventRequest>({{"params", text}}));
    EXPECT_FALSE(request.has_params());
  }
}

TEST_F(JsonArgumentTest, AFiltersValueMayBeJsonText) {
  ASSERT_OK_AND_ASSIGN(
      const ListUsersRequest request,
      Read<ListUsersRequest>(
          {{"filters", R"({"filters": [{"type": "eq", "property_name": "p",)"
                       R"( "value": "{\"value\": 5}"}]})"}}));
  EXPECT_EQ(request.filters().filters(0).value().value().number_value(), 5);
}

TEST_F(JsonArgumentTest, WhatIsNoJsonIsNamed) {
  EXPECT_THAT(Wrong<TrackUserEventRequest>({{"params", "{\"a\": "}}),
              ElementsAre("params: is not well-formed JSON"));
}

TEST_F(JsonArgumentTest, AnotherKindOfJsonIsNamed) {
  EXPECT_THAT(Wrong<TrackUserEventRequest>({{"params", "[1]"}}),
              ElementsAre("params: must be a JSON object"));
  EXPECT_THAT(Wrong<TrackUserEventRequest>({{"params", "5"}}),
              ElementsAre("params: must be a JSON object"));
  EXPECT_THAT(Wrong<SetUserPropsRequest>({{"operations", "{}"}}),
              ElementsAre("operations: must be a JSON array"));
  EXPECT_THAT(Wrong<SetUserPropsRequest>({{"operations", "[{}, 5, {}]"}}),
              ElementsAre("operations[1]: must be a JSON object"));
  EXPECT_THAT(Wrong<ListUsersRequest>({{"filters", "\"and\""}}),
              ElementsAre("filters: must be a JSON object"));
}

// A filter that was dropped without a word would list everybody.
TEST_F(JsonArgumentTest, FiltersAreCheckedToTheirLastMember) {
  EXPECT_THAT(
      Wrong<ListUsersRequest>(
          {{"filters",
            R"({"type": {}, "filters": [{"property_name": []}, 7]})"}}),
      ElementsAre("filters.type: must be text or a number",
                  "filters.filters[0].property_name: must be text or a number",
                  "filters.filters[1]: must be a JSON object"));
}

// The platform lists a bad operation; it never fails the call.
TEST_F(JsonArgumentTest, OperationsAreLeftToThePlatform) {
  EXPECT_THAT(Read<SetUserPropsRequest>(
                  {{"operations", R"([{"op": ["x"], "key": {}}])"}}),
              IsOk());
}

TEST_F(JsonArgumentTest, DeepNestingIsRefused) {
  const auto params = [](int depth) {
    return absl::StrCat("{\"a\": ", Nested(depth), "}");
  };
  EXPECT_THAT(
      Read<TrackUserEventRequest>({{"params", params(kArgumentDepthMax - 1)}}),
      IsOk());
  EXPECT_THAT(
      Wrong<TrackUserEventRequest>({{"params", params(kArgumentDepthMax)}}),
      ElementsAre("params: is nested too deep"));
  EXPECT_THAT(Wrong<TrackUserEventRequest>({{"params", params(100'000)}}),
              ElementsAre("params: is nested too deep"));
}

// The deepest params are read back from where the platform keeps them.
TEST_F(JsonArgumentTest, TheDeepestArgumentSurvivesSerialising) {
  std::string json = "1";
  for (int i = 0; i < kArgumentDepthMax; ++i)
    json = absl::StrCat("{\"a\": ", json, "}");
  ASSERT_OK_AND_ASSIGN(const TrackUserEventRequest request,
                       Read<TrackUserEventRequest>({{"params", json}}));
  TrackUserEventRequest back;
  EXPECT_TRUE(back.ParseFromString(request.SerializeAsString()));
}

TEST_F(JsonArgumentTest, JsonThatIsNotUtf8IsRefused) {
  EXPECT_THAT(Wrong<TrackUserEventRequest>({{"params", "{\"a\": \"\xff\"}"}}),
              ElementsAre("params: is not UTF-8"));
}

}  // namespace
}  // namespace chatgate
