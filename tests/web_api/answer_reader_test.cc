#include "server/web_api/answer_reader.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/webhook/raw_client.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

constexpr char kHead[] = "HTTP/1.1 200 OK\r\n";

AnswerLimits SmallLimits() { return {200, 1000}; }

// Reads the bytes in one piece, then the end of the connection.
absl::StatusOr<TransportAnswer> Read(const std::string& bytes) {
  AnswerReader reader(SmallLimits());
  const absl::StatusOr<bool> whole = reader.Add(bytes);
  if (!whole.ok()) return whole.status();
  if (!*whole) {
    const absl::Status end = reader.End();
    if (!end.ok()) return end;
  }
  return reader.TakeAnswer();
}

std::string BodyOf(const std::string& bytes) {
  const absl::StatusOr<TransportAnswer> answer = Read(bytes);
  return answer.ok() ? answer->body : answer.status().ToString();
}

TEST(AnswerReaderTest, BodyEndsByItsLength) {
  ASSERT_OK_AND_ASSIGN(
      const TransportAnswer answer,
      Read("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}"));
  EXPECT_EQ(answer.http_status, 400);
  EXPECT_EQ(answer.body, "{}");
}

TEST(AnswerReaderTest, BodyComesInChunks) {
  EXPECT_EQ(BodyOf(absl::StrCat(
                kHead, "Transfer-Encoding: chunked\r\n\r\n",
                "3;note\r\nabc\r\n1\r\nd\r\n0\r\nTrailer: x\r\n\r\n")),
            "abcd");
}

TEST(AnswerReaderTest, BodyWithoutLengthEndsWithTheConnection) {
  EXPECT_EQ(BodyOf(absl::StrCat(kHead, "\r\nall of it")), "all of it");
}

TEST(AnswerReaderTest, EveryCutIsTold) {
  for (const std::string& bytes :
       {absl::StrCat(kHead, "Content-Length: 4\r\n\r\nabcd"),
        absl::StrCat(kHead, "Transfer-Encoding: chunked\r\n\r\n",
                     "4\r\nabcd\r\n0\r\n\r\n")}) {
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THAT(Read(bytes.substr(0, size)),
                  StatusIs(absl::StatusCode::kUnavailable))
          << size;
    }
  }
}

TEST(AnswerReaderTest, BytesMayComeOneByOne) {
  const std::string bytes = absl::StrCat(
      "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n", kHead,
      "Transfer-Encoding: chunked\r\n\r\n", "4\r\nabcd\r\n0\r\n\r\n");
  AnswerReader reader(SmallLimits());
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_THAT(reader.Add(bytes.substr(i, 1)),
                IsOkAndHolds(i + 1 == bytes.size()));
  }
  EXPECT_EQ(reader.TakeAnswer().body, "abcd");
}

TEST(AnswerReaderTest, ZippedBodyIsUnzipped) {
  const std::string zipped = Gzip(std::string(900, 'a'));
  const std::string bytes = absl::StrCat(
      kHead, "Content-Encoding: gzip\r\nContent-Length: ", zipped.size(),
      "\r\n\r\n", zipped);
  EXPECT_EQ(BodyOf(bytes), std::string(900, 'a'));
}

TEST(AnswerReaderTest, BombIsRefused) {
  const std::string zipped = Gzip(std::string(1001, 'a'));
  EXPECT_THAT(
      Read(absl::StrCat(kHead, "Content-Encoding: gzip\r\nContent-Length: ",
                        zipped.size(), "\r\n\r\n", zipped)),
      StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(AnswerReaderTest, HalfZippedBodyIsCutOff) {
  const std::string zipped = Gzip(std::string(900, 'a'));
  const std::string half = zipped.substr(0, zipped.size() / 2);
  EXPECT_THAT(
      Read(absl::StrCat(kHead, "Content-Encoding: gzip\r\nContent-Length: ",
                        half.size(), "\r\n\r\n", half)),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cut off")));
}

TEST(AnswerReaderTest, LongAnswersAreRefused) {
  const std::string body(1001, 'a');
  for (const std::string& bytes :
       {absl::StrCat(kHead, "Content-Length: 1001\r\n\r\n"),
        absl::StrCat(kHead, "\r\n", body),
        absl::StrCat(kHead, "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", body),
        absl::StrCat(kHead, "X: ", body, "\r\n\r\n"),
        absl::StrCat(kHead, "X: ", body),
        absl::StrCat(kHead, "Transfer-Encoding: chunked\r\n\r\n",
                     std::string(2000, '0'))}) {
    EXPECT_THAT(Read(bytes), StatusIs(absl::StatusCode::kResourceExhausted))
        << bytes.substr(0, 60);
  }
}

TEST(AnswerReaderTest, OtherProtocolsAreRefused) {
  for (const char* bytes :
       {"SSH-2.0-OpenSSH\r\n", "HTTP/2 200\r\n\r\n", "<html>",
        "HTTP/1.1 099 X\r\n\r\n", "HTTP/1.1 2000 X\r\n\r\n",
        "HTTP/1.1 101 X\r\n\r\n", "HTTP/1.1 200 X\r\nno field\r\n\r\n",
        "HTTP/1.1 200 X\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 X\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    EXPECT_THAT(Read(bytes), StatusIs(absl::StatusCode::kUnavailable,
                                      "the answer is no HTTP"))
        << bytes;
  }
}

TEST(AnswerReaderTest, RetryAfterIsSeconds) {
  ASSERT_OK_AND_ASSIGN(
      const TransportAnswer answer,
      Read("HTTP/1.1 429 X\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(answer.retry_after, absl::Seconds(17));
}

TEST(AnswerReaderTest, ConnectionStaysOpenWhenNothingSpeaksAgainst) {
  const auto keeps_open = [](const std::string& bytes) {
    AnswerReader reader(SmallLimits());
    EXPECT_THAT(reader.Add(bytes), IsOkAndHolds(true));
    return reader.keeps_open();
  };
  EXPECT_TRUE(keeps_open("HTTP/1.1 204 X\r\n\r\n"));
  EXPECT_FALSE(keeps_open("HTTP/1.1 204 X\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps_open("HTTP/1.0 204 X\r\n\r\n"));
  EXPECT_FALSE(keeps_open("HTTP/1.1 204 X\r\n\r\nmore"));
}

TEST(AnswerReaderTest, DateIsThePlatformsClock) {
  ASSERT_OK_AND_ASSIGN(
      const TransportAnswer answer,
      Read("HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 06:30:00 GMT\r\n"
           "Content-Length: 0\r\n\r\n"));
  EXPECT_EQ(answer.date, absl::FromUnixSeconds(1'795'329'000));
  for (const char* date : {"today", "infinite-future", "infinite-past"}) {
    ASSERT_OK_AND_ASSIGN(const TransportAnswer other,
                         Read(absl::StrCat("HTTP/1.1 200 OK\r\nDate: ", date,
                                           "\r\nContent-Length: 0\r\n\r\n")));
    EXPECT_EQ(other.date, std::nullopt) << date;
  }
}

TEST(AnswerReaderTest, RetryAfterMayBeADate) {
  const std::string retry =
      "Retry-After: Sun, 22 Nov 2026 06:30:30 GMT\r\nContent-Length: 0\r\n";
  ASSERT_OK_AND_ASSIGN(
      const TransportAnswer answer,
      Read(absl::StrCat("HTTP/1.1 429 X\r\n", retry,
                        "Date: Sun, 22 Nov 2026 06:30:00 GMT\r\n\r\n")));
  EXPECT_EQ(answer.retry_after, absl::Seconds(30));
  // Without a date nobody knows how long that is.
  ASSERT_OK_AND_ASSIGN(const TransportAnswer undated,
                       Read(absl::StrCat("HTTP/1.1 429 X\r\n", retry, "\r\n")));
  EXPECT_EQ(undated.retry_after, std::nullopt);
}

}  // namespace
}  // namespace chatgate
