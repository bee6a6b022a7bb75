#ifndef CHATGATE_TESTS_WEBHOOK_HTTP_SERVER_FIXTURE_H_
#define CHATGATE_TESTS_WEBHOOK_HTTP_SERVER_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"
#include "tests/support/status_matchers.h"
#include "tests/webhook/raw_client.h"
#include "webhook/http_server.h"

namespace chatgate {

inline constexpr absl::string_view kText = "text/plain";

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

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEBHOOK_HTTP_SERVER_FIXTURE_H_
