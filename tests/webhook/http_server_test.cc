// What the server makes of whole requests; http_server_limits_test.cc has those
// that are refused, http_server_connections_test.cc the connections.
#include <string>

#include "tests/webhook/http_server_fixture.h"

namespace chatgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(HttpServerTest, PostIsAnsweredOverAKeptConnectionManyTimes) {
  RawClient client = Connect();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.Send(PostText("/echo", kText, "hello")));
    const RawAnswer answer = client.ReadAnswer();
    ASSERT_EQ(answer.status, 200) << i;
    EXPECT_EQ(answer.body, "POST 5  hello");
  }
}

TEST_F(HttpServerTest, FormOverEightKibibytesIsAccepted) {
  const std::string form(100'000, 'a');
  for (const absl::string_view type :
       {"application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8"}) {
    EXPECT_THAT(Ask(PostText("/echo", type, form)).body,
                HasSubstr("POST 100000 "));
  }
}

TEST_F(HttpServerTest, ChunkedAndZippedBodiesAreRead) {
  const std::string text(50'000, 'b');
  EXPECT_THAT(
      Ask(absl::StrCat("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked"
                       "\r\n\r\n",
                       Chunked(text, 999)))
          .body,
      HasSubstr("POST 50000 "));
  EXPECT_THAT(
      Ask(PostText("/echo", kText, Gzip(text), "Content-Encoding: gzip\r\n"))
          .body,
      HasSubstr("POST 50000 "));
}

TEST_F(HttpServerTest, ZippedBodyThatIsBrokenIsRefused) {
  for (const char* kind : {"gzip", "deflate"}) {
    EXPECT_EQ(Ask(PostText("/echo", kText, "not zipped",
                           absl::StrCat("Content-Encoding: ", kind, "\r\n")))
                  .status,
              400);
  }
  EXPECT_EQ(Ask(PostText("/echo", kText, Gzip("a"), "Content-Encoding: br\r\n"))
                .status,
            415);
}

// Most of what it says would be taken for all, and the whole one, when it
// comes, for a repetition.
TEST_F(HttpServerTest, ZippedBodyThatIsCutShortAnywhereIsRefused) {
  const std::string text = "type=event&event_id=9002&user_id=5123456789";
  RawClient client = Connect();
  for (const std::string& whole : {Gzip(text), Deflate(text)}) {
    const std::string kind = whole[0] == '\x1f' ? "gzip" : "deflate";
    const std::string header = absl::StrCat("Content-Encoding: ", kind, "\r\n");
    EXPECT_THAT(Ask(PostText("/echo", kText, whole, header)).body,
                HasSubstr(absl::StrCat("POST ", text.size(), " ")));
    for (size_t size = 0; size < whole.size(); ++size) {
      client.Send(PostText("/echo", kText, whole.substr(0, size), header));
      EXPECT_EQ(client.ReadAnswer().status, 400) << kind << " cut at " << size;
    }
    EXPECT_EQ(Ask(PostText("/echo", kText, whole + "x", header)).status, 400);
  }
}

TEST_F(HttpServerTest, BodyOfAGetDoesNotBecomeTheNextRequest) {
  RawClient client = Connect();
  client.Send(
      "GET /echo?a=b HTTP/1.1\r\nContent-Length: 27\r\n\r\n"
      "GET /evil HTTP/1.1\r\nA: b\r\n\r"
      "GET /echo HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer().body, HasSubstr("GET 27 a=b GET /evil"));
  EXPECT_EQ(client.ReadAnswer().body, "GET 0  ");
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  RawClient client = Connect();
  client.Send(absl::StrCat(PostText("/echo", kText, "one"), "\r\n",
                           PostText("/echo", kText, "two"),
                           "GET /echo?three HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(client.ReadAnswer().body, "POST 3  one");
  EXPECT_EQ(client.ReadAnswer().body, "POST 3  two");
  EXPECT_EQ(client.ReadAnswer().body, "GET 0 three ");
}

TEST_F(HttpServerTest, PostWithoutLengthOrWithLengthZeroHasNoBody) {
  EXPECT_EQ(Ask("POST /echo HTTP/1.1\r\n\r\n").body, "POST 0  ");
  EXPECT_EQ(Ask(PostText("/echo", "application/json", "")).body, "POST 0  ");
}

TEST_F(HttpServerTest, ExpectationIsMetBeforeTheBodyIsSent) {
  RawClient client = Connect();
  client.Send(
      "POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5"
      "\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer(/*head_only=*/true).status, 100);
  client.Send("hello");
  EXPECT_EQ(client.ReadAnswer().body, "POST 5  hello");
}

TEST_F(HttpServerTest, RangeIsIgnored) {
  for (const absl::string_view range :
       {"bytes=0-1", "bytes=9999-", "nonsense"}) {
    const RawAnswer answer =
        Ask(absl::StrCat("GET /echo HTTP/1.1\r\nRange: ", range, "\r\n\r\n"));
    EXPECT_EQ(answer.status, 200) << range;
    EXPECT_EQ(answer.body, "GET 0  ");
  }
}

TEST_F(HttpServerTest, OldHttpIsAnsweredAndTheConnectionEnds) {
  RawClient client = Connect();
  client.Send("POST /echo HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(client.ReadAnswer().body, "POST 2  hi");
  EXPECT_TRUE(client.Ends());
}

TEST_F(HttpServerTest, ConnectionEndsWhenTheSenderAsksForIt) {
  RawClient client = Connect();
  client.Send(PostText("/echo", kText, "x", "Connection: close\r\n"));
  EXPECT_THAT(client.ReadAnswer().head, HasSubstr("Connection: close"));
  EXPECT_TRUE(client.Ends());
}

TEST_F(HttpServerTest, HeadIsAnsweredWithoutABody) {
  RawClient client = Connect();
  client.Send("HEAD /echo HTTP/1.1\r\n\r\nGET /echo HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(/*head_only=*/true).head,
              AllOf(HasSubstr("200"), HasSubstr("Content-Length: 8")));
  EXPECT_EQ(client.ReadAnswer().body, "GET 0  ");
}

TEST_F(HttpServerTest, WrongVerbOfAKnownPathNamesTheRightOnes) {
  for (const absl::string_view verb : {"DELETE", "PUT", "BREW", "OPTIONS"}) {
    const RawAnswer answer =
        Ask(absl::StrCat(verb, " /echo/ HTTP/1.1\r\n\r\n"));
    EXPECT_EQ(answer.status, 405);
    EXPECT_THAT(answer.head, HasSubstr("Allow: POST, GET, HEAD\r\n"));
    EXPECT_THAT(answer.body, HasSubstr("\"error\": \"method_not_allowed\""));
  }
  const RawAnswer unknown = Ask("POST /nowhere HTTP/1.1\r\n\r\n");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, AllOf(HasSubstr("\"error\": \"not_found\""),
                                  Not(HasSubstr("nowhere"))));
}

TEST_F(HttpServerTest, SegmentsAreDecodedAfterThePathIsSplit) {
  EXPECT_EQ(Ask("POST /holes/a%2Fb/%24c+d HTTP/1.1\r\n\r\n").body, "a/b|$c+d");
  EXPECT_EQ(Ask("POST /holes/[x]:$/y%?q HTTP/1.1\r\n\r\n").body, "[x]:$|y%");
  EXPECT_EQ(Ask("POST http://h/holes/a/b HTTP/1.1\r\n\r\n").body, "a|b");
}

}  // namespace
}  // namespace chatgate
