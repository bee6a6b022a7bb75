// Whose turn it is: many connections, idle ones, the end of the server.
#include <string>
#include <thread>
#include <vector>

#include "tests/webhook/http_server_fixture.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

TEST_F(HttpServerTest, ConnectionBeyondTheLimitIsRefusedAndAPlaceGetsFree) {
  HttpServer::Options options;
  options.connections_max = 2;
  options.reclaim_after = absl::InfiniteDuration();
  Restart(options);
  std::vector<RawClient> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(Connect());
    busy.back().Send("GET /wait HTTP/1.1\r\n\r\n");
  }
  AwaitWaiting(2);
  const RawAnswer refused = Ask(PostText("/echo", kText, "x"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.head, HasSubstr("Retry-After"));
  EXPECT_THAT(refused.body, HasSubstr("too many connections"));
  LetWaitingGoOn();
  EXPECT_EQ(busy[0].ReadAnswer().status, 200);

  busy.pop_back();
  // It is found to be gone a moment later.
  while (Ask(PostText("/echo", kText, "x")).status == 503) {
  }
  busy[0].Send(PostText("/echo", kText, "y"));
  EXPECT_EQ(busy[0].ReadAnswer().status, 200);
}

// A proxy, or one careless sender, may keep as many connections as there may
// be: that must not keep a webhook out.
TEST_F(HttpServerTest, AnIdleConnectionMakesRoomForANewOne) {
  HttpServer::Options options;
  options.connections_max = 2;
  options.reclaim_after = absl::ZeroDuration();
  Restart(options);
  std::vector<RawClient> kept;
  for (int i = 0; i < 2; ++i) {
    kept.push_back(Connect());
    kept.back().Send(PostText("/echo", kText, "x"));
    ASSERT_EQ(kept.back().ReadAnswer().status, 200);
  }
  // They are idle a moment after their answers.
  while (Ask(PostText("/echo", kText, "x")).status == 503) {
  }
  // One of them had to go, and no more than one.
  bool first_ended = false;
  while (!first_ended && !kept[1].Ends(absl::Milliseconds(1))) {
    first_ended = kept[0].Ends(absl::Milliseconds(1));
  }
  RawClient& left = kept[first_ended ? 1 : 0];
  left.Send(PostText("/echo", kText, "y"));
  EXPECT_EQ(left.ReadAnswer().status, 200);
}

TEST_F(HttpServerTest, StopDoesNotWaitForIdleOrHalfRequests) {
  RawClient fresh = Connect();
  RawClient idle = Connect();
  idle.Send(PostText("/echo", kText, "x"));
  ASSERT_EQ(idle.ReadAnswer().status, 200);
  RawClient half = Connect();
  half.Send("POST /echo HTTP/1.1\r\nContent-Le");
  server_->Stop(absl::Hours(1));
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
