#include "webhook/http_server.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/mutex.h"
#include "tests/support/status_matchers.h"
#include "tests/webhook/raw_client.h"

namespace chatgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::string_view kText = "text/plain";

// A server that says what it was sent.
class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override { Restart({}); }

  void Restart(HttpServer::Options options) {
    server_ = nullptr;
    options.listen = "127.0.0.1:0";
    RouteTable routes;
    const HttpHandler echo = [](const HttpRequest& request) {
      HttpResponse response;
      response.content_type = "text/plain";
      response.body =
          absl::StrCat(request.method, " ", request.body.size(), " ",
                       request.query, " ", request.body.substr(0, 100));
      return response;
    };
    routes.Add("POST", "/echo", echo);
    routes.Add("GET", "/echo", echo);
    routes.Add(
        "POST", "/holes/{first}/{second}", [](const HttpRequest& request) {
          HttpResponse response;
          response.body = absl::StrCat(request.holes[0], "|", request.holes[1]);
          return response;
        });
    routes.Add("GET", "/wait", [this](const HttpRequest&) {
      MutexLock lock(mu_);
      ++waiting_;
      changed_.SignalAll();
      while (!go_on_) changed_.Wait(mu_);
      return HttpResponse();
    });
    ASSERT_OK_AND_ASSIGN(server_, HttpServer::Start(options, routes));
  }

  RawClient Connect() { return RawClient(server_->port()); }

  RawAnswer Ask(absl::string_view request) {
    RawClient client = Connect();
    client.Send(request);
    return client.ReadAnswer();
  }

  void AwaitWaiting(int count) {
    MutexLock lock(mu_);
    while (waiting_ < count) changed_.Wait(mu_);
  }
  void LetWaitingGoOn() {
    MutexLock lock(mu_);
    go_on_ = true;
    changed_.SignalAll();
  }

  Mutex mu_;
  CondVar changed_;
  int waiting_ ABSL_GUARDED_BY(mu_) = 0;
  bool go_on_ ABSL_GUARDED_BY(mu_) = false;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, PostIsAnsweredOverAKeptConnectionManyTimes) {
  RawClient client = Connect();
  const absl::Time start = absl::Now();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.Send(PostText("/echo", kText, "hello")));
    const RawAnswer answer = client.ReadAnswer();
    ASSERT_EQ(answer.status, 200) << i;
    EXPECT_EQ(answer.body, "POST 5  hello");
  }
  // With Nagle's algorithm each would take 40 ms.
  EXPECT_LT(absl::Now() - start, absl::Seconds(1));
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

TEST_F(HttpServerTest, ZippedBodyThatIsBrokenOrCutShortIsRefused) {
  const std::string zipped = Gzip(std::string(5'000, 'q'));
  for (const std::string& body :
       {std::string("no gzip"), zipped.substr(0, zipped.size() - 4)}) {
    EXPECT_EQ(Ask(PostText("/echo", kText, body, "Content-Encoding: gzip\r\n"))
                  .status,
              400);
  }
  EXPECT_EQ(
      Ask(PostText("/echo", kText, zipped, "Content-Encoding: br\r\n")).status,
      415);
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

TEST_F(HttpServerTest, TooLargeBodyIsRefusedBeforeItIsAskedFor) {
  EXPECT_EQ(Ask("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\n"
                "Content-Length: 9999999\r\n\r\n")
                .status,
            413);
  EXPECT_EQ(Ask("POST /echo HTTP/1.1\r\nExpect: cake\r\n\r\n").status, 417);
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
    const absl::Time began = absl::Now();
    // Each drop would begin a fresh read timeout; together they may not.
    while (!client.Ends(absl::Milliseconds(20)) &&
           absl::Now() - began < absl::Seconds(5)) {
      client.Send("0");
    }
    EXPECT_LT(absl::Now() - began, absl::Seconds(3)) << start;
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

TEST_F(HttpServerTest, ConnectionBeyondTheLimitIsRefusedAndAPlaceGetsFree) {
  HttpServer::Options options;
  options.connections_max = 2;
  Restart(options);
  std::vector<RawClient> kept;
  for (int i = 0; i < 2; ++i) {
    kept.push_back(Connect());
    kept.back().Send(PostText("/echo", kText, "x"));
    ASSERT_EQ(kept.back().ReadAnswer().status, 200);
  }
  const RawAnswer refused = Ask(PostText("/echo", kText, "x"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.head, HasSubstr("Retry-After"));
  EXPECT_THAT(refused.body, HasSubstr("too many connections"));
  kept[0].Send(PostText("/echo", kText, "y"));
  EXPECT_EQ(kept[0].ReadAnswer().status, 200);

  kept.pop_back();
  int status = 503;
  for (int tries = 0; status == 503 && tries < 1'000; ++tries) {
    status = Ask(PostText("/echo", kText, "x")).status;
  }
  EXPECT_EQ(status, 200);
}

TEST_F(HttpServerTest, BurstOfConnectionsIsTakenAtOnce) {
  const absl::Time start = absl::Now();
  std::vector<RawClient> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(Connect());
    ASSERT_TRUE(clients.back().connected());
    clients.back().Send(PostText("/echo", kText, "x"));
  }
  for (RawClient& client : clients) EXPECT_EQ(client.ReadAnswer().status, 200);
  // A dropped SYN is repeated after a second.
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(900));
}

TEST_F(HttpServerTest, StopDoesNotWaitForIdleOrHalfRequests) {
  RawClient fresh = Connect();
  RawClient idle = Connect();
  idle.Send(PostText("/echo", kText, "x"));
  ASSERT_EQ(idle.ReadAnswer().status, 200);
  RawClient half = Connect();
  half.Send("POST /echo HTTP/1.1\r\nContent-Le");
  const absl::Time start = absl::Now();
  server_->Stop(absl::Seconds(5));
  EXPECT_LT(absl::Now() - start, absl::Seconds(1));
  EXPECT_TRUE(idle.Ends());
  EXPECT_TRUE(half.Ends());
  EXPECT_TRUE(fresh.Ends());
}

TEST_F(HttpServerTest, StopLetsARequestThatIsHandledHaveItsAnswer) {
  RawClient client = Connect();
  client.Send("GET /wait HTTP/1.1\r\n\r\n");
  AwaitWaiting(1);
  std::thread stop([this] { server_->Stop(absl::Seconds(10)); });
  LetWaitingGoOn();
  EXPECT_EQ(client.ReadAnswer().status, 200);
  EXPECT_TRUE(client.Ends());
  stop.join();
}

TEST_F(HttpServerTest, SecondServerOnTheSamePortIsRefused) {
  HttpServer::Options options;
  options.listen = absl::StrCat("127.0.0.1:", server_->port());
  EXPECT_THAT(HttpServer::Start(options, {}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("in use")));
}

TEST_F(HttpServerTest, OnlyLoopbackIsListenedOnUnlessInsecure) {
  HttpServer::Options options;
  for (const absl::string_view listen : {"0.0.0.0:0", "[::]:0", ":0"}) {
    options.listen = std::string(listen);
    EXPECT_THAT(
        HttpServer::Start(options, {}),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("insecure")));
  }
  options.insecure = true;
  options.listen = "0.0.0.0:0";
  EXPECT_THAT(HttpServer::Start(options, {}), IsOk());
  for (const absl::string_view listen :
       {"127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "no host!:1"}) {
    options.listen = std::string(listen);
    EXPECT_THAT(HttpServer::Start(options, {}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace chatgate
