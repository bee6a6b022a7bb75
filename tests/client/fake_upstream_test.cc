#include "client/fake_upstream/fake_upstream.h"

#include <httplib.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(FaultPlanTest, NoTextMeansNoFaults) {
  ASSERT_OK_AND_ASSIGN(FaultPlan plan, FaultPlan::Parse("", 1));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(plan.Next().fault, Fault::kNone);
}

TEST(FaultPlanTest, SharesAreKept) {
  ASSERT_OK_AND_ASSIGN(FaultPlan plan,
                       FaultPlan::Parse("drop_after=20,delay=30:5ms", 1));
  std::map<Fault, int> counts;
  for (int i = 0; i < 10'000; ++i) ++counts[plan.Next().fault];
  EXPECT_NEAR(counts[Fault::kDropAfter], 2000, 300);
  EXPECT_NEAR(counts[Fault::kDelay], 3000, 300);
  EXPECT_NEAR(counts[Fault::kNone], 5000, 300);
}

TEST(FaultPlanTest, OneSeedIsOneRun) {
  ASSERT_OK_AND_ASSIGN(FaultPlan one, FaultPlan::Parse("html=50", 7));
  ASSERT_OK_AND_ASSIGN(FaultPlan other, FaultPlan::Parse("html=50", 7));
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(one.Next().fault, other.Next().fault);
  }
}

TEST(FaultPlanTest, WrongTextIsNamed) {
  for (const char* text :
       {"nothing=5", "none=5", "delay", "delay=x", "delay=-1", "delay=101",
        "delay=nan", "delay=5:soon", "delay=5:-1s", "delay=5:11m", "html=5:1s",
        "html=60,delay=50"}) {
    EXPECT_THAT(
        FaultPlan::Parse(text, 1).status(),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("faults: ")))
        << text;
  }
}

// How many of so many a second are admitted in each of the next minutes.
std::vector<int> Admitted(LimitKind kind, int minutes) {
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  RequestLimit limit(kind, 60, start);
  std::vector<int> admitted;
  for (int minute = 0; minute < minutes; ++minute) {
    admitted.push_back(0);
    // All at the end of the minute, and at the beginning of the next.
    for (const int second : {0, 59}) {
      for (int i = 0; i < 100; ++i) {
        admitted.back() += static_cast<int>(
            limit.Admit(start + absl::Seconds(60 * minute + second)));
      }
    }
  }
  return admitted;
}

TEST(RequestLimitTest, EachKindCountsInItsWay) {
  EXPECT_THAT(Admitted(LimitKind::kFixedWindow, 3), ElementsAre(60, 60, 60));
  EXPECT_THAT(Admitted(LimitKind::kSlidingWindow, 3), ElementsAre(60, 60, 60));
  // What was refilled meanwhile comes on top of the bucket's first content.
  EXPECT_THAT(Admitted(LimitKind::kTokenBucket, 3), ElementsAre(119, 60, 60));
}

TEST(RequestLimitTest, NoneIsNone) {
  RequestLimit limit(LimitKind::kSlidingWindow, 0, absl::UnixEpoch());
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(limit.Admit(absl::UnixEpoch()));
  }
}

TEST(RequestLimitTest, KindsHaveNames) {
  EXPECT_THAT(ParseLimitKind("fixed"), IsOkAndHolds(LimitKind::kFixedWindow));
  EXPECT_THAT(ParseLimitKind("sliding"),
              IsOkAndHolds(LimitKind::kSlidingWindow));
  EXPECT_THAT(ParseLimitKind("bucket"), IsOkAndHolds(LimitKind::kTokenBucket));
  EXPECT_THAT(ParseLimitKind("leaky").status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

class FakeUpstreamTest : public ::testing::Test {
 protected:
  FakeUpstreamTest() {
    behind_.Post("/v1/effect", [this](const httplib::Request& request,
                                      httplib::Response& response) {
      ++effects_;
      response.set_content(absl::StrCat("{\"got\": \"", request.body, "\"}"),
                           "application/json");
    });
    behind_.set_tcp_nodelay(true);
    options_.to_port =
        static_cast<uint16_t>(behind_.bind_to_any_port("127.0.0.1"));
    server_ = std::thread([this] { behind_.listen_after_bind(); });
    while (!behind_.is_running()) std::this_thread::yield();
  }
  ~FakeUpstreamTest() override {
    upstream_ = nullptr;
    behind_.stop();
    server_.join();
  }

  void Start(const std::string& faults) {
    absl::StatusOr<FaultPlan> plan = FaultPlan::Parse(faults, 1);
    ASSERT_THAT(plan.status(), IsOk());
    ASSERT_OK_AND_ASSIGN(
        upstream_, FakeUpstream::Start(options_, *std::move(plan), clock_));
  }

  // One request on a connection of its own.
  absl::StatusOr<HttpBytes> Ask() {
    absl::StatusOr<int> fd =
        PlainSocket::Connect("127.0.0.1", upstream_->port());
    if (!fd.ok()) return fd.status();
    PlainSocket socket(*fd);
    socket.Write(
        "POST /v1/effect HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
    return socket.ReadMessage();
  }

  FakeClock clock_;
  httplib::Server behind_;
  std::thread server_;
  std::atomic<int> effects_ = 0;
  FakeUpstreamOptions options_;
  std::unique_ptr<FakeUpstream> upstream_;
};

TEST_F(FakeUpstreamTest, WithoutFaultsItAnswersAsTheFormBehind) {
  Start("");
  ASSERT_OK_AND_ASSIGN(const HttpBytes answer, Ask());
  EXPECT_THAT(answer.head, HasSubstr("200 OK"));
  EXPECT_EQ(answer.body, "{\"got\": \"hi\"}");
  EXPECT_THAT(upstream_->counts(), ElementsAre(Pair(Fault::kNone, 1)));
}

TEST_F(FakeUpstreamTest, AConnectionIsKept) {
  Start("");
  ASSERT_OK_AND_ASSIGN(const int fd,
                       PlainSocket::Connect("127.0.0.1", upstream_->port()));
  PlainSocket socket(fd);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(socket.Write(
        "POST /v1/effect HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"));
    ASSERT_THAT(socket.ReadMessage().status(), IsOk());
  }
  EXPECT_EQ(effects_, 3);
}

TEST_F(FakeUpstreamTest, AKeptConnectionThatWasClosedIsNoFault) {
  behind_.set_keep_alive_timeout(0);  // Seconds of silence.
  Start("");
  ASSERT_OK_AND_ASSIGN(const int fd,
                       PlainSocket::Connect("127.0.0.1", upstream_->port()));
  PlainSocket socket(fd);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(socket.Write(
        "POST /v1/effect HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"));
    ASSERT_OK_AND_ASSIGN(const HttpBytes answer, socket.ReadMessage());
    EXPECT_THAT(answer.head, HasSubstr("200 OK"));
  }
  EXPECT_EQ(effects_, 5);
}

struct FaultCase {
  const char* faults;
  const char* answer;  // In the head; empty: the connection ends.
  int effects;
};
class EachFaultTest : public FakeUpstreamTest,
                      public ::testing::WithParamInterface<FaultCase> {};

TEST_P(EachFaultTest, IsSeenAsPromised) {
  Start(GetParam().faults);
  const absl::StatusOr<HttpBytes> answer = Ask();
  if (*GetParam().answer == '\0') {
    EXPECT_FALSE(answer.ok());
  } else {
    ASSERT_THAT(answer.status(), IsOk());
    EXPECT_THAT(answer->Whole(), HasSubstr(GetParam().answer));
  }
  EXPECT_EQ(effects_, GetParam().effects);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, EachFaultTest,
    ::testing::Values(FaultCase{"drop_before=100", "", 0},
                      FaultCase{"drop_after=100", "", 1},
                      FaultCase{"half_body=100", "", 1},
                      FaultCase{"wrong_json=100", "200 OK", 1},
                      FaultCase{"error_500=100", "Error500", 1},
                      FaultCase{"html=100", "<html>", 0},
                      FaultCase{"too_many=100", "TooManyRequests", 0},
                      FaultCase{"delay=100:1ms", "{\"got\": \"hi\"}", 1},
                      FaultCase{"drip=100:0", "{\"got\": \"hi\"}", 1}));

TEST_F(FakeUpstreamTest, BeyondTheLimitIs429) {
  options_.requests_per_minute = 2;
  Start("");
  for (const char* answer : {"200 OK", "200 OK", "429 Too Many Requests"}) {
    ASSERT_OK_AND_ASSIGN(const HttpBytes said, Ask());
    EXPECT_THAT(said.head, HasSubstr(answer));
  }
  clock_.AdvanceTime(absl::Seconds(60));
  ASSERT_OK_AND_ASSIGN(const HttpBytes said, Ask());
  EXPECT_THAT(said.head, HasSubstr("200 OK"));
}

TEST_F(FakeUpstreamTest, ItEndsWhileAnAnswerIsHeldBack) {
  Start("delay=100:10m");
  ASSERT_OK_AND_ASSIGN(const int fd,
                       PlainSocket::Connect("127.0.0.1", upstream_->port()));
  PlainSocket socket(fd);
  socket.Write(
      "POST /v1/effect HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  while (effects_ == 0) std::this_thread::yield();
  upstream_ = nullptr;
  EXPECT_FALSE(socket.ReadMessage().ok());
}

TEST_F(FakeUpstreamTest, WhatIsNoHttpIsRefused) {
  Start("");
  for (const char* bytes :
       {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"}) {
    ASSERT_OK_AND_ASSIGN(const int fd,
                         PlainSocket::Connect("127.0.0.1", upstream_->port()));
    PlainSocket socket(fd);
    socket.Write(bytes);
    ASSERT_OK_AND_ASSIGN(const HttpBytes answer, socket.ReadMessage());
    EXPECT_THAT(answer.head, HasSubstr("400 Bad")) << bytes;
    // The connection ends with it.
    EXPECT_FALSE(socket.ReadMessage().ok());
  }
  EXPECT_EQ(effects_, 0);
}

// Its refusal may be lost: what was not read cuts the connection.
TEST_F(FakeUpstreamTest, AHeadWithoutAnEndEndsTheConnection) {
  Start("");
  ASSERT_OK_AND_ASSIGN(const int fd,
                       PlainSocket::Connect("127.0.0.1", upstream_->port()));
  PlainSocket socket(fd);
  socket.Write(std::string(100'000, 'x'));
  const absl::StatusOr<HttpBytes> first = socket.ReadMessage();
  EXPECT_TRUE(!first.ok() || !socket.ReadMessage().ok());
  EXPECT_EQ(effects_, 0);
}

TEST_F(FakeUpstreamTest, TheConnectionBeyondTheLastIsClosed) {
  Start("");
  std::vector<std::unique_ptr<PlainSocket>> sockets;
  int open = 0;
  for (int i = 0; i < 65; ++i) {
    ASSERT_OK_AND_ASSIGN(const int fd,
                         PlainSocket::Connect("127.0.0.1", upstream_->port()));
    sockets.push_back(std::make_unique<PlainSocket>(fd));
    sockets.back()->Write(
        "POST /v1/effect HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    if (i < 8 || i == 64) {
      open += static_cast<int>(sockets.back()->ReadMessage().ok());
    }
  }
  EXPECT_EQ(open, 8);
}

TEST_F(FakeUpstreamTest, ListensOnLoopbackAlone) {
  for (const char* host : {"0.0.0.0", "192.0.2.1", "localhost", ""}) {
    options_.listen_host = host;
    ASSERT_OK_AND_ASSIGN(FaultPlan plan, FaultPlan::Parse("", 1));
    EXPECT_THAT(FakeUpstream::Start(options_, std::move(plan)).status(),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << host;
  }
}

TEST_F(FakeUpstreamTest, NothingBehindIsABadGateway) {
  options_.to_port = 1;
  Start("");
  ASSERT_OK_AND_ASSIGN(const HttpBytes answer, Ask());
  EXPECT_THAT(answer.head, HasSubstr("502 Bad Gateway"));
}

}  // namespace
}  // namespace chatgate
