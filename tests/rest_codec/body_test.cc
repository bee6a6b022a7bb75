#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/backend/error_table.h"
#include "server/rest_codec/form_body.h"
#include "server/rest_codec/json_body.h"
#include "tests/support/status_matchers.h"

namespace chatgate {

bool operator==(const RestArgument& a, const RestArgument& b) {
  return a.name == b.name && a.value == b.value && a.native == b.native;
}
void PrintTo(const RestArgument& argument, std::ostream* out) {
  *out << argument.name << "=" << argument.value;
}

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RestArguments Json(absl::string_view body) {
  RestArguments arguments;
  EXPECT_THAT(AppendJsonArguments(body, &arguments), IsOk());
  return arguments;
}

absl::Status JsonError(absl::string_view body) {
  RestArguments arguments;
  return AppendJsonArguments(body, &arguments);
}

RestArguments Query(absl::string_view query) {
  RestArguments arguments;
  EXPECT_THAT(AppendQueryArguments(query, &arguments), IsOk());
  return arguments;
}

constexpr char kMultipart[] = "multipart/form-data; boundary=\"x y\"";

RestArguments Multipart(absl::string_view body) {
  RestArguments arguments;
  EXPECT_THAT(AppendMultipartArguments(kMultipart, body, &arguments), IsOk());
  return arguments;
}

TEST(JsonBodyTest, ValuesKeepEveryDigit) {
  EXPECT_THAT(Json(R"({"a": 18446744073709551615, "b": 1.10, "c": "1"})"),
              ElementsAre(RestArgument{"a", "18446744073709551615"},
                          RestArgument{"b", "1.10"}, RestArgument{"c", "1"}));
}

TEST(JsonBodyTest, ObjectsStayJsonAndNullIsAbsent) {
  EXPECT_THAT(Json(R"({"p": {"x": [1, 2]}, "n": null, "t": true})"),
              ElementsAre(RestArgument{"p", R"({"x": [1, 2]})", true},
                          RestArgument{"t", "true"}));
}

TEST(JsonBodyTest, NothingIsNoError) {
  EXPECT_THAT(Json(""), IsEmpty());
  EXPECT_THAT(Json(" \r\n"), IsEmpty());
  EXPECT_THAT(Json("{}"), IsEmpty());
  EXPECT_THAT(Json("[]"), IsEmpty());
}

TEST(JsonBodyTest, OtherJsonIsABadRequest) {
  for (const char* body : {"[1]", "5", "{\"a\":", "{\"a\": 1} x", "null"}) {
    EXPECT_EQ(ErrorName(JsonError(body)), "BadRequest") << body;
  }
}

TEST(JsonBodyTest, BadTextNamesItsMember) {
  const absl::Status status = JsonError("{\"a\": 1, \"body\": \"\xff\"}");
  EXPECT_EQ(ErrorName(status), "ValidationError");
  EXPECT_EQ(FieldViolations(status).at(0).field, "body");
}

TEST(JsonBodyTest, DeepNestingNamesItsMember) {
  const absl::Status status = JsonError(absl::StrCat(
      "{\"event\": \"a:b,{\", \"params\": ", std::string(50'000, '['), "}"));
  EXPECT_EQ(ErrorName(status), "ValidationError");
  EXPECT_EQ(FieldViolations(status).at(0).field, "params");
}

TEST(JsonBodyTest, NumbersOutOfRangeNameTheirMember) {
  for (const char* number : {"18446744073709551616", "-9223372036854775809",
                             "1e400", "[1, -1e999]"}) {
    const absl::Status status =
        JsonError(absl::StrCat("{\"t\": \"1e400\", \"count\": ", number, "}"));
    EXPECT_EQ(ErrorName(status), "ValidationError") << number;
    EXPECT_EQ(FieldViolations(status).at(0).field, "count") << number;
  }
}

TEST(JsonBodyTest, TooManyMembersAreABadRequest) {
  std::string body = "{";
  for (size_t i = 0; i <= kRestArgumentsMax; ++i)
    absl::StrAppend(&body, i > 0 ? "," : "", "\"", i, "\":1");
  EXPECT_EQ(ErrorName(JsonError(absl::StrCat(body, "}"))), "BadRequest");
}

TEST(QueryTest, SpacesEscapesAndRawBytesAreRead) {
  EXPECT_THAT(
      Query("a=b+c%20d&&e%5B%5D=%D0%BF&raw=[$:]п&half=100%&z=%4"),
      ElementsAre(RestArgument{"a", "b c d"}, RestArgument{"e[]", "п"},
                  RestArgument{"raw", "[$:]п"}, RestArgument{"half", "100%"},
                  RestArgument{"z", "%4"}));
}

TEST(QueryTest, ANameAloneHasTheEmptyText) {
  EXPECT_THAT(Query("closed&after="), ElementsAre(RestArgument{"closed", ""},
                                                  RestArgument{"after", ""}));
}

TEST(QueryTest, TooManyArgumentsAreABadRequest) {
  std::string query;
  for (size_t i = 0; i <= kRestArgumentsMax; ++i) absl::StrAppend(&query, "a&");
  RestArguments arguments;
  EXPECT_EQ(ErrorName(AppendQueryArguments(query, &arguments)), "BadRequest");
  arguments.clear();
  EXPECT_EQ(ErrorName(AppendFormArguments(query, &arguments)), "BadRequest");
}

TEST(MultipartTest, PartsAreArguments) {
  EXPECT_THAT(Multipart("preamble\r\n--x y\r\n"
                        "Content-Disposition: form-data; name=\"body\"\r\n\r\n"
                        "line one\r\nline two\r\n"
                        "--x y  \r\n"
                        "content-type: text/plain\r\n"
                        "content-disposition: form-data; name=tag\r\n\r\n"
                        "\r\n"
                        "--x y--\r\nepilogue"),
              ElementsAre(RestArgument{"body", "line one\r\nline two"},
                          RestArgument{"tag", ""}));
}

TEST(MultipartTest, FilesAreLeftOut) {
  EXPECT_THAT(
      Multipart("--x y\r\nContent-Disposition: form-data; name=\"file\";"
                " filename=\"a;\\\"b.png\"\r\n\r\nPNG\r\n--x y--"),
      IsEmpty());
}

TEST(MultipartTest, BrokenBodiesAreBadRequests) {
  RestArguments arguments;
  for (const char* body :
       {"x", "--x y\r\n", "--x y\r\nno end", "--x y\r\n\r\nno name\r\n--x y--",
        "--x y\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x y--",
        "--x y\r\nContent-Disposition: form-data; name=\"a\"\r\n--x y--"}) {
    const absl::Status status =
        AppendMultipartArguments(kMultipart, body, &arguments);
    EXPECT_EQ(ErrorName(status), "BadRequest") << body;
  }
  EXPECT_THAT(
      AppendMultipartArguments("multipart/form-data", "--\r\n", &arguments),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("boundary")));
}

}  // namespace
}  // namespace chatgate
