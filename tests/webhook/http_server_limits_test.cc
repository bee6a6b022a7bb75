// Requests that are too large, too slow or ambiguous.
#include <string>

#include "tests/webhook/http_server_fixture.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

TEST_F(HttpServerTest, TooLargeBodiesAreRefusedWhateverTheirForm) {
  const std::string large((1 << 20) + 1, 'x');
  const std::string requests[] = {
      PostText("/echo", kText, large),
      absl::StrCat("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                   Chunked(large, 10'000)),
      PostText("/echo", kText, Gzip(std::string(20 << 20, 'x')),
               "Content-Encoding: gzip\r\n"),
      "POST /echo HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
      "fffffffffffffff\r\n",
  };
  for (const std::string& request : requests) {
    const RawAnswer answer = Ask(request);
    EXPECT_EQ(answer.status, 413) << request.substr(0, 100);
    EXPECT_THAT(answer.body, HasSubstr("\"reason\": \"the body is too large"));
  }
}

TEST_F(HttpServerTest, BodyOfExactlyTheLimitIsAccepted) {
  const std::string full(1 << 20, 'x');
  EXPECT_EQ(Ask(PostText("/echo", kText, full)).status, 200);
  EXPECT_EQ(
      Ask(PostText("/echo", kText, Gzip(full), "Content-Encoding: gzip\r\n"))
          .status,
      200);
}

TEST_F(HttpServerTest, TooLargeBodyIsRefusedBeforeItIsAskedFor) {
  EXPECT_EQ(Ask("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\n"
                "Content-Length: 9999999\r\n\r\n")
                .status,
            413);
  EXPECT_EQ(Ask("POST /echo HTTP/1.1\r\nExpect: cake\r\n\r\n").status, 417);
}

TEST_F(HttpServerTest, HeadsThatTwoReadersCouldReadDifferentlyAreRefused) {
  const absl::string_view post = "POST /echo HTTP/1.1\r\n";
  const absl::string_view heads[] = {
      "Content-Length: 5\r\nContent-Length: 6\r\n",
      "Content-Length: +5\r\n",
      "Content-Length: -1\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: 99999999999999999999999\r\n",
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "Content-Length : 5\r\n",
      "A: b\nContent-Length: 5\r\n",
      "A: b\r\n folded\r\n",
      ": nameless\r\n",
      "No colon\r\n",
      "A: b\x01\r\n",
  };
  for (const absl::string_view head : heads) {
    EXPECT_EQ(Ask(absl::StrCat(post, head, "\r\nhello")).status, 400) << head;
  }
  EXPECT_EQ(Ask("POST /echo\r\n\r\n").status, 400);
  EXPECT_EQ(Ask("POST  /echo HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(Ask("POST echo HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(Ask("POST /echo HTTP/2.0\r\n\r\n").status, 505);
  EXPECT_EQ(
      Ask("POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
          .status,
      501);
  EXPECT_EQ(Ask("\x16\x03\x01 hello TLS\r\n\r\n").status, 400);
}

TEST_F(HttpServerTest, BrokenChunksAreRefused) {
  const absl::string_view head =
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const absl::string_view chunks :
       {"0x5\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n", "\r\nhello\r\n",
        "5\nhello\r\n0\r\n\r\n", "3\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffffffff\r\n"}) {
    EXPECT_EQ(Ask(absl::StrCat(head, chunks)).status, 400) << chunks;
  }
  EXPECT_EQ(Ask(absl::StrCat(head, "5;a=b\r\nhello\r\n0\r\nT: r\r\n\r\n")).body,
            "POST 5  hello");
}

TEST_F(HttpServerTest, EndlessHeadsAreRefusedWhileTheyGrow) {
  RawClient line = Connect();
  line.Send(absl::StrCat("GET /", std::string(20'000, 'a')));
  EXPECT_EQ(line.ReadAnswer().status, 414);

  RawClient header = Connect();
  header.Send(absl::StrCat("GET / HTTP/1.1\r\nA: ", std::string(20'000, 'a')));
  EXPECT_EQ(header.ReadAnswer().status, 431);

  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 101; ++i) absl::StrAppend(&many, "A: b\r\n");
  EXPECT_EQ(Ask(absl::StrCat(many, "\r\n")).status, 431);

  std::string endless = "GET / HTTP/1.1\r\n";
  while (endless.size() < 70'000) absl::StrAppend(&endless, "A: b\r\n");
  EXPECT_EQ(Ask(endless).status, 431);
}

TEST_F(HttpServerTest, EndlessChunkLinesAndTrailersAreRefused) {
  const std::string head =
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Ask(head + "5;" + std::string(1'000, 'x')).status, 400);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 40; ++i) absl::StrAppend(&trailers, "A: b\r\n");
  EXPECT_EQ(Ask(head + trailers).status, 431);
}

TEST_F(HttpServerTest, DrippingRequestEndsAtItsTotalDeadline) {
  HttpServer::Options options;
  options.limits.request_time_max = absl::Milliseconds(300);
  Restart(options);
  for (const absl::string_view start :
       {"GET /echo HTTP/1.1\r\nA: ",
        "POST /echo HTTP/1.1\r\nContent-Length: 100000\r\n\r\n",
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3"}) {
    RawClient client = Connect();
    client.Send(start);
    // Each drop would begin a fresh read timeout; together they may not. Even
    // on a slow machine so many of them last longer than the deadline.
    int drops = 0;
    while (drops < 1'000 && !client.Ends(absl::Milliseconds(20))) {
      client.Send("0");
      ++drops;
    }
    EXPECT_LT(drops, 1'000) << start;
  }
}

TEST_F(HttpServerTest, SilentRequestIsToldThatItTimedOut) {
  HttpServer::Options options;
  options.limits.request_time_max = absl::Milliseconds(100);
  Restart(options);
  const RawAnswer answer =
      Ask("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel");
  EXPECT_EQ(answer.status, 408);
  EXPECT_THAT(answer.body, HasSubstr("too slowly"));
}

TEST_F(HttpServerTest, RequestThatEndsEarlyIsToldSo) {
  RawClient client = Connect();
  client.Send("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel");
  client.EndSending();
  EXPECT_EQ(client.ReadAnswer().status, 400);
}

}  // namespace
}  // namespace chatgate
