#include "webhook/form_body.h"

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "webhook/secret_blanking.h"
#include "webhook/secret_table.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(FormBodyTest, FormIsReadWhateverItsTypeSays) {
  for (const absl::string_view type :
       {"application/x-www-form-urlencoded", "text/plain", ""}) {
    EXPECT_THAT(ReadFormBody(type, "a=1+2%263&b="),
                IsOkAndHolds(ElementsAre(Pair("a", "1 2&3"), Pair("b", ""))));
  }
}

TEST(FormBodyTest, MembersOfAJsonObjectAreFields) {
  EXPECT_THAT(
      ReadFormBody("application/json",
                   R"( {"a": "x", "b": {"c": [1, 18446744073709551615]}, )"
                   R"("d": null, "e": true})"),
      IsOkAndHolds(ElementsAre(Pair("a", "x"),
                               Pair("b", R"({"c":[1,18446744073709551615]})"),
                               Pair("e", "true"))));
}

TEST(FormBodyTest, MultipartIsRead) {
  EXPECT_THAT(
      ReadFormBody("multipart/form-data; boundary=\"x-y\"",
                   "preamble\r\n--x-y\r\nContent-Disposition: form-data; "
                   "name=\"a\"\r\n\r\none\r\ntwo\r\n--x-y\r\n"
                   "content-disposition: form-data; name=b\r\nX: y\r\n\r\n"
                   "\r\n--x-y--\r\n"),
      IsOkAndHolds(ElementsAre(Pair("a", "one\r\ntwo"), Pair("b", ""))));
}

TEST(FormBodyTest, WhatIsNoFormIsRefused) {
  for (const absl::string_view body :
       {"", "  \r\n", "hello", "{\"a\":", "{]"}) {
    EXPECT_THAT(ReadFormBody("", body),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << body;
  }
  const absl::string_view type = "multipart/form-data; boundary=x";
  for (const absl::string_view body :
       {"", "a=b", "--x", "--x\r\nA: b\r\n\r\nc", "--x\r\n--x\r\n"}) {
    EXPECT_THAT(ReadFormBody(type, body),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << body;
  }
  EXPECT_THAT(ReadFormBody("multipart/form-data", "--x--"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FormBodyTest, TooManyFieldsAreRefusedInEveryForm) {
  std::string form;
  std::string json = "{";
  std::string multipart = "--x";
  for (size_t i = 0; i <= kFormFieldsMax; ++i) {
    absl::StrAppend(&form, "a=b&");
    absl::StrAppend(&json, i == 0 ? "" : ",", "\"a", i, "\":1");
    absl::StrAppend(&multipart, "\r\nA: b\r\n\r\nc\r\n--x");
  }
  EXPECT_THAT(ReadFormBody("", form),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadFormBody("", json + "}"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadFormBody("multipart/form-data; boundary=x", multipart + "--"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SecretBlankingTest, SecretIsBlankedInEveryEncoding) {
  const absl::string_view secret = "s3cret/+\xC3\xA9-9";
  for (const absl::string_view text : {
           "s3cret/+\xC3\xA9-9",
           "s3cret%2F%2B%C3%A9-9",
           "%733cret%2f%2b%c3%a9%2D9",
           "s3cret\\/+\xC3\xA9-9",
           "\\u0073\\u0033cret\\u002f+\xC3\xA9-9",
           "s3cret%5C%2F%2B%C3%A9-9",
           "%5Cu00733cret%2F%2B%C3%A9-9",
       }) {
    EXPECT_EQ(BlankSecret(absl::StrCat("a=", text, "&b=", text, "1"), secret),
              "a=***&b=***1")
        << text;
  }
}

// A sender may encode one byte and not the next.
TEST(SecretBlankingTest, SecretIsBlankedWhereEncodingsMix) {
  const std::string secret = "s3cret-9";
  std::minstd_rand random(1);
  for (int round = 0; round < 500; ++round) {
    std::string body;
    std::string expected;
    for (int piece = 0; piece < 4; ++piece) {
      const std::string noise(random() % 40, "x&%\\"[random() % 4]);
      absl::StrAppend(&body, noise, "=");
      absl::StrAppend(&expected, noise, "=***");
      for (const char c : secret) {
        const auto hex = absl::Hex(c, absl::kZeroPad2);
        switch (random() % 4) {
          case 0:
            absl::StrAppend(&body, "%", hex);
            break;
          case 1:
            absl::StrAppend(&body, "\\u00", hex);
            break;
          case 2:
            absl::StrAppend(&body, "%5Cu00", hex);
            break;
          default:
            body.push_back(c);
        }
      }
    }
    EXPECT_EQ(BlankSecret(body, secret), expected) << body;
  }
}

TEST(SecretBlankingTest, TellsWhereTheSecretStoodBareAtOnePlace) {
  const auto found = [](absl::string_view body, absl::string_view secret) {
    return FindAndBlankSecret(body, secret).at_one_place;
  };
  EXPECT_TRUE(found("token=s3cret&b=%7B%22c%22%3A%22%5Cu0434%22%7D", "s3cret"));
  EXPECT_FALSE(found("token=s3cret&b=s3cret", "s3cret"));
  EXPECT_FALSE(found("token=s3cret&b=%733cret", "s3cret"));
  EXPECT_FALSE(found("token=s3cret&b=%5Cu00733cret", "s3cret"));
  EXPECT_FALSE(found("token=s3cret&b=\\u00733cret", "s3cret"));
  EXPECT_FALSE(found("token=%733cret", "s3cret"));
  EXPECT_FALSE(found("b=1", "s3cret"));
  // A secret of characters that are escapes themselves.
  EXPECT_FALSE(found("token=a+b&b=a%2Bb", "a+b"));
  EXPECT_FALSE(found("token=a%b&b=a%25b", "a%b"));
  EXPECT_EQ(BlankSecret("token=a%25b", "a%b"), "token=***");
  EXPECT_FALSE(found("token=a b&b=a+b", "a b"));
  EXPECT_FALSE(found("token=a\\b&b=a%5Cb", "a\\b"));
  EXPECT_FALSE(found("token=a\\b&b=a\\\\b", "a\\b"));
}

TEST(SecretBlankingTest, EverythingElseStays) {
  const std::string body("a=%zz%4&b=\\u12&c=\\\xFF%\0\\", 23);
  EXPECT_EQ(BlankSecret(body, "absent"), body);
  EXPECT_EQ(BlankSecret(body, ""), body);
  EXPECT_EQ(BlankSecret("", "s"), "");
  EXPECT_EQ(BlankSecret("ssss", "ss"), "******");
}

TEST(SecretTableTest, EachSecretSelectsItsApp) {
  const SecretTable table(
      {{"one", 1}, {"two", 18446744073709551615u}, {"", 3}});
  EXPECT_EQ(table.AppOf("one"), 1u);
  EXPECT_EQ(table.AppOf("two"), 18446744073709551615u);
  for (const absl::string_view wrong : {"", "on", "one ", "ONE", "three"}) {
    EXPECT_EQ(table.AppOf(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace chatgate
