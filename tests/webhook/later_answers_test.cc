// Answers that somebody else makes later: one after the other, on time, and
// without a thread that waits for them.
#include "webhook/later_answers.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"
#include "tests/support/status_matchers.h"
#include "tests/webhook/raw_client.h"
#include "webhook/http_server.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

HttpResponse Text(std::string body) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

std::string Post(absl::string_view name, absl::string_view headers = "") {
  return PostText(absl::StrCat("/later/", name), "text/plain", "", headers);
}

// A server that answers nothing by itself.
class LaterAnswerTest : public ::testing::Test {
 protected:
  void SetUp() override { Restart({}, absl::Hours(1)); }

  void Restart(HttpServer::Options options, absl::Duration time_max) {
    server_ = nullptr;
    options.listen = "127.0.0.1:0";
    RouteTable routes;
    const HttpHandler later = [this, time_max](const HttpRequest& request) {
      HttpResponse response;
      response.later = std::make_shared<LaterAnswer>(LaterAnswer{
          .begin =
              [this, name = request.holes[0]](
                  std::function<void(LaterAnswer::Make)> answer) {
                MutexLock lock(mu_);
                asked_.push_back(name);
                answers_[name] = std::move(answer);
                changed_.SignalAll();
              },
          .time_max = time_max,
          .too_late = [] { return ErrorResponse(503, "too late"); }});
      return response;
    };
    routes.Add("POST", "/later/{name}", later);
    routes.Add("GET", "/later/{name}", later);
    ASSERT_OK_AND_ASSIGN(server_,
                         HttpServer::Start(std::move(options), routes));
  }

  // Answers the request of that name once it is there, with its name.
  void Answer(const std::string& name) {
    std::function<void(LaterAnswer::Make)> answer;
    {
      MutexLock lock(mu_);
      while (!answers_.contains(name)) changed_.Wait(mu_);
      answer = std::move(answers_.extract(name).mapped());
    }
    answer([name] { return Text(name); });
  }

  void AwaitAsked(size_t count) {
    MutexLock lock(mu_);
    while (asked_.size() < count) changed_.Wait(mu_);
  }
  std::vector<std::string> Asked() {
    MutexLock lock(mu_);
    return asked_;
  }

  RawClient Connect() { return RawClient(server_->port()); }

  Mutex mu_;
  CondVar changed_;
  std::vector<std::string> asked_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::function<void(LaterAnswer::Make)>> answers_
      ABSL_GUARDED_BY(mu_);
  std::unique_ptr<HttpServer> server_;
};

TEST_F(LaterAnswerTest, ComesOverAKeptConnectionManyTimes) {
  RawClient client = Connect();
  for (int i = 0; i < 100; ++i) {
    const std::string name = absl::StrCat(i);
    client.Send(Post(name));
    Answer(name);
    const RawAnswer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, name);
    EXPECT_THAT(answer.head, HasSubstr("Keep-Alive"));
  }
}

TEST_F(LaterAnswerTest, RequestsThatComeTogetherAreAnsweredInOrder) {
  RawClient client = Connect();
  client.Send(absl::StrCat(Post("one"), Post("two"), Post("three")));
  for (const std::string name : {"one", "two", "three"}) {
    Answer(name);
    EXPECT_EQ(client.ReadAnswer().body, name);
  }
}

// Who does not wait for an answer is not asked for the next before it is
// written, or the order of the answers would be that of chance.
TEST_F(LaterAnswerTest, NextRequestWaitsUntilTheAnswerIsWritten) {
  RawClient client = Connect();
  client.Send(Post("one"));
  AwaitAsked(1);
  client.Send(Post("two"));
  RawClient other = Connect();
  other.Send(Post("other"));
  Answer("other");
  EXPECT_EQ(other.ReadAnswer().body, "other");
  EXPECT_THAT(Asked(), ElementsAre("one", "other"));
  Answer("one");
  Answer("two");
  EXPECT_EQ(client.ReadAnswer().body, "one");
  EXPECT_EQ(client.ReadAnswer().body, "two");
}

TEST_F(LaterAnswerTest, EveryFormOfARequestIsAnswered) {
  const std::vector<std::string> requests = {
      Post("a", "Connection: close\r\n"),
      "POST /later/a HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
      "GET /later/a HTTP/1.1\r\n\r\n",
      PostText("/later/a", "text/plain", Gzip("zipped"),
               "Content-Encoding: gzip\r\n")};
  for (const std::string& request : requests) {
    RawClient client = Connect();
    client.Send(request);
    Answer("a");
    const RawAnswer answer = client.ReadAnswer();
    EXPECT_EQ(answer.body, "a") << request;
    const bool close = absl::StrContains(request, "close") ||
                       absl::StrContains(request, "HTTP/1.0");
    EXPECT_EQ(absl::StrContains(answer.head, "Connection: close"), close);
    EXPECT_TRUE(!close || client.Ends());
  }
}

TEST_F(LaterAnswerTest, IsSaidToBeTooLateAndNotGivenAfterwards) {
  Restart({}, absl::Milliseconds(20));
  for (const absl::string_view headers : {"", "Connection: close\r\n"}) {
    RawClient client = Connect();
    client.Send(Post("slow", headers));
    EXPECT_EQ(client.ReadAnswer().status, 503);
    Answer("slow");  // To nobody.
    if (!headers.empty()) continue;
    client.Send(Post("next"));
    EXPECT_EQ(client.ReadAnswer().status, 503);
  }
}

TEST_F(LaterAnswerTest, SenderThatSendsNoMoreStillGetsIt) {
  RawClient client = Connect();
  client.Send(Post("last"));
  AwaitAsked(1);
  client.EndSending();
  Answer("last");
  EXPECT_EQ(client.ReadAnswer().body, "last");
  EXPECT_TRUE(client.Ends());
}

TEST_F(LaterAnswerTest, SenderThatLeavesHarmsNobody) {
  { Connect().Send(Post("gone")); }
  Answer("gone");
  RawClient client = Connect();
  client.Send(Post("here"));
  Answer("here");
  EXPECT_EQ(client.ReadAnswer().body, "here");
}

// A connection that waits for its answer is not idle, however long it takes.
TEST_F(LaterAnswerTest, ConnectionKeepsItsPlaceUntilItIsAnswered) {
  HttpServer::Options options;
  options.connections_max = 1;
  options.reclaim_after = absl::ZeroDuration();
  Restart(options, absl::Hours(1));
  RawClient client = Connect();
  client.Send(Post("one"));
  AwaitAsked(1);
  {
    RawClient refused = Connect();
    refused.Send(Post("refused"));
    EXPECT_EQ(refused.ReadAnswer().status, 503);
  }
  Answer("one");
  EXPECT_EQ(client.ReadAnswer().body, "one");
  // Then it is, and makes room.
  std::thread answer([this] { Answer("two"); });
  for (int status = 503; status == 503;) {
    RawClient next = Connect();
    next.Send(Post("two"));
    status = next.ReadAnswer().status;
  }
  answer.join();
}

TEST_F(LaterAnswerTest, IsCountedOnce) {
  Mutex mu;
  std::vector<int> statuses;
  HttpServer::Options options;
  options.on_answer = [&](int status) {
    MutexLock lock(mu);
    statuses.push_back(status);
  };
  Restart(options, absl::Hours(1));
  RawClient client = Connect();
  client.Send(Post("one"));
  Answer("one");
  EXPECT_EQ(client.ReadAnswer().status, 200);
  {
    // Whoever has it finds it counted.
    MutexLock lock(mu);
    EXPECT_THAT(statuses, ElementsAre(200));
  }
  server_ = nullptr;
  MutexLock lock(mu);
  EXPECT_THAT(statuses, ElementsAre(200));
}

TEST_F(LaterAnswerTest, EndOfTheServerWaitsForIt) {
  RawClient client = Connect();
  client.Send(Post("one"));
  AwaitAsked(1);
  std::thread stop([this] { server_->Stop(absl::Hours(1)); });
  Answer("one");
  EXPECT_EQ(client.ReadAnswer().body, "one");
  EXPECT_TRUE(client.Ends());
  stop.join();
}

TEST_F(LaterAnswerTest, IsGivenToNobodyOnceTheServerHasEnded) {
  Restart({}, absl::Milliseconds(1));
  RawClient client = Connect();
  client.Send(Post("one"));
  EXPECT_EQ(client.ReadAnswer().status, 503);
  server_ = nullptr;
  Answer("one");
}

// The one thread that writes answers must not wait for anybody.
TEST(LaterAnswersTest, WhoLetsAnswersLieUntilNoneFitsIsCutOff) {
  std::array<int, 2> ends;
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()),
            0);
  const std::string lying(4096, 'x');
  while (::send(ends[0], lying.data(), lying.size(), MSG_DONTWAIT) > 0) {
  }
  OpenConnection connection(ends[0]);
  {
    LaterAnswers answers;
    const auto owed = answers.Begin(
        LaterAnswer{.begin =
                        [](const std::function<void(LaterAnswer::Make)>& give) {
                          give([] { return Text(std::string(4096, 'y')); });
                        },
                    .time_max = absl::Hours(1),
                    .too_late = [] { return ErrorResponse(503, "late"); }},
        connection, {}, nullptr);
    EXPECT_FALSE(owed->Settle());
  }
  std::array<char, 4096> bytes;
  ssize_t count = 0;
  while ((count = ::read(ends[1], bytes.data(), bytes.size())) > 0) {
    EXPECT_EQ(bytes[0], 'x');
  }
  EXPECT_EQ(count, 0);
  for (const int end : ends) ::close(end);
}

}  // namespace
}  // namespace chatgate
