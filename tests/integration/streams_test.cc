// What streams do with the real programs: the end of the gateway, an event
// found again, a snapshot, and the same over plain HTTP.
#include <grpcpp/grpcpp.h>
#include <httplib.h>
#include <sys/resource.h>

#include <algorithm>
#include <future>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

class StreamsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(gateway_.Start(), IsOk());
    for (uint64_t id = 1; id <= 3; ++id) {
      ASSERT_EQ(gateway_.PostDashly(LeadPart(id, id, "hello")).status, 200);
    }
    stub_ = gateway_.NewStub();
  }

  Gateway gateway_;
  std::unique_ptr<v1::ChatService::Stub> stub_;
};

// One open stream.
struct Stream {
  Stream(v1::ChatService::Stub& stub, const v1::SubscribeRequest& request) {
    Gateway::Authorize(&context);
    reader = stub.Subscribe(&context, request);
  }
  v1::SubscribeResponse Next() {
    v1::SubscribeResponse response;
    if (!reader->Read(&response)) response.Clear();
    return response;
  }

  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader;
};

TEST_F(StreamsTest, TheEndOfTheGatewayIsCleanAndQuick) {
  Stream stream(*stub_, {});
  const std::string cursor = stream.Next().cursor();
  httplib::Client http(absl::StrCat("http://", gateway_.http_address()));
  http.set_bearer_token_auth(kCallerToken);
  std::string sse;
  std::promise<void> begun;
  std::thread browser([&] {
    http.Get("/v1/stream", [&](const char* bytes, size_t size) {
      if (sse.empty()) begun.set_value();
      sse.append(bytes, size);
      return true;
    });
  });
  begun.get_future().wait();
  const absl::Time begin = absl::Now();
  EXPECT_EQ(gateway_.Stop(), 0);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  browser.join();
  EXPECT_THAT(sse, HasSubstr("event: end"));
  const v1::SubscribeResponse last = stream.Next();
  EXPECT_EQ(last.reconnect().reason(), "the gateway is stopping");
  EXPECT_EQ(last.cursor(), cursor);
  EXPECT_TRUE(stream.reader->Finish().ok());
}

TEST_F(StreamsTest, AnEventIsFoundAgainByItsId) {
  v1::SubscribeRequest from_the_start;
  from_the_start.set_start(v1::START_EARLIEST);
  Stream stream(*stub_, from_the_start);
  stream.Next();
  const v1::Event event = stream.Next().events(0);
  stream.context.TryCancel();
  const auto ctl = ChildProcess::Start(
      {Binary("chatgatectl"), "--server", gateway_.grpc_address(), "call",
       "GetEvent", absl::StrCat("{\"id\": \"", event.id(), "\"}")},
      {absl::StrCat("CHATGATE_TOKEN=", kCallerToken)});
  ASSERT_THAT(ctl, IsOk());
  EXPECT_THAT((*ctl)->ReadAll(absl::Seconds(20)), HasSubstr("hello"));
  EXPECT_EQ((*ctl)->Wait(), 0);
}

TEST_F(StreamsTest, ASnapshotIsFollowedByWhatHappensSince) {
  v1::SubscribeRequest request;
  request.set_snapshot(true);
  Stream stream(*stub_, request);
  EXPECT_TRUE(stream.Next().has_heartbeat());
  const v1::SubscribeResponse snapshot = stream.Next();
  EXPECT_TRUE(snapshot.snapshot().done());
  EXPECT_EQ(snapshot.snapshot().conversations_size(), 3);
  ASSERT_EQ(gateway_.PostDashly(LeadPart(4, 1, "later")).status, 200);
  const v1::SubscribeResponse next = stream.Next();
  ASSERT_EQ(next.events_size(), 1);
  EXPECT_EQ(next.events(0).seq(), 4u);
}

TEST_F(StreamsTest, AShellReadsTheSameOverHttp) {
  httplib::Client http(absl::StrCat("http://", gateway_.http_address()));
  http.set_bearer_token_auth(kCallerToken);
  std::string text;
  http.Get("/v1/stream?start=earliest&conversations=dashly:2",
           [&](const char* bytes, size_t size) {
             text.append(bytes, size);
             return text.find("hello") == std::string::npos;
           });
  EXPECT_THAT(text, HasSubstr("event: dashly_conversation\ndata: {"));
  EXPECT_THAT(text, HasSubstr("\"conversation\": \"dashly:2\""));
}

// A stream over HTTP, from its head until the other side ends it.
class HttpStream {
 public:
  HttpStream(const Gateway& gateway, const std::string& token)
      : http_(absl::StrCat("http://", gateway.http_address())) {
    http_.set_bearer_token_auth(token);
    thread_ = std::thread([this] {
      http_.Get(
          "/v1/stream",
          [this](const httplib::Response& response) {
            status_.set_value(response.status);
            return true;
          },
          [](const char*, size_t) { return true; });
    });
  }
  ~HttpStream() {
    http_.stop();
    thread_.join();
  }

  int status() { return status_.get_future().get(); }

 private:
  httplib::Client http_;
  std::promise<int> status_;
  std::thread thread_;
};

TEST(HttpPlacesTest, ACallerBesideOthersHasHalfOfThem) {
  constexpr char kOther[] = "token-of-another-caller";
  Gateway gateway(absl::StrCat(
      "}\n} http { streams_max: 2 } callers { name: \"other\" role: READER "
      "token { value: \"",
      kOther, "\" } } apps { id: 888 embedded {"));
  ASSERT_THAT(gateway.Start(), IsOk());
  HttpStream first(gateway, kCallerToken);
  EXPECT_EQ(first.status(), 200);
  EXPECT_EQ(HttpStream(gateway, kCallerToken).status(), 429);
  HttpStream other(gateway, kOther);
  EXPECT_EQ(other.status(), 200);
  EXPECT_EQ(HttpStream(gateway, kOther).status(), 429);
  EXPECT_EQ(gateway.Stop(), 0);
}

// Each stream is a file, and most shells allow a thousand.
TEST(HttpPlacesTest, TheGatewayMayOpenAsManyFilesAsTheMachineAllows) {
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = std::min<rlim_t>(before.rlim_max, 256);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  Gateway gateway;
  const absl::Status started = gateway.Start();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_THAT(started, IsOk());
  rlimit has = {};
  ASSERT_EQ(prlimit(gateway.process().pid(), RLIMIT_NOFILE, nullptr, &has), 0);
  EXPECT_EQ(has.rlim_cur, before.rlim_max);
  EXPECT_EQ(gateway.Stop(), 0);
}

TEST(HttpPlacesTest, ACallerAloneHasAllOfThem) {
  Gateway gateway("}\n} http { streams_max: 2 } apps { id: 888 embedded {");
  ASSERT_THAT(gateway.Start(), IsOk());
  HttpStream first(gateway, kCallerToken);
  EXPECT_EQ(first.status(), 200);
  HttpStream second(gateway, kCallerToken);
  EXPECT_EQ(second.status(), 200);
  EXPECT_EQ(HttpStream(gateway, kCallerToken).status(), 429);
  EXPECT_EQ(gateway.Stop(), 0);
}

}  // namespace
}  // namespace chatgate
