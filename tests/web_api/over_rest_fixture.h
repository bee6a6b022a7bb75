#ifndef CHATGATE_TESTS_WEB_API_OVER_REST_FIXTURE_H_
#define CHATGATE_TESTS_WEB_API_OVER_REST_FIXTURE_H_

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/steady_clock.h"
#include "server/web_api/http_transport.h"
#include "server/web_api/request_memory.h"
#include "server/web_api/web_api_backend.h"
#include "tests/rest/rest_fixture.h"
#include "tests/web_api/open_budget.h"

namespace chatgate {

// Calls a backend, and waits.
inline absl::Status CallAndWait(Backend& backend, uint64_t app_id,
                                const google::protobuf::Message& request,
                                google::protobuf::Message* response) {
  CallContext context;
  context.app_id = app_id;
  context.caller = "tests";
  std::promise<absl::Status> answered;
  backend.Call(context, request, response, [&answered](absl::Status status) {
    answered.set_value(std::move(status));
  });
  return answered.get_future().get();
}

// One client of the platform: the backend ends first.
struct RestClient {
  std::unique_ptr<HttpTransport> transport;
  std::unique_ptr<WebApiBackend> backend;
};

// A gateway's client of the Web API, over sockets to the embedded platform's
// REST form: backend, transport, and REST form are the real ones.
class OverRestTest : public RestTest {
 protected:
  OverRestTest() : echoes_({kApp}) {
    store_options_.path = dir_.File("client.db");
    store_options_.reader_threads = 1;
    auto store = Store::Open(store_options_, {RequestMemorySchema()});
    EXPECT_THAT(store, IsOk());
    client_store_ = *std::move(store);
    resolver_ = MakeSystemResolver();
    timer_ = MakeSystemTimer();
    options_.app_id = kApp;
    options_.settle = absl::Milliseconds(5);
    options_.breaker.failures_max = 1 << 30;
  }
  ~OverRestTest() override { Disconnect(); }

  void Disconnect() { client_ = {}; }

  // The platform is at that port, the REST form's own or another one's.
  RestClient NewClient(int port, const std::string& token = kToken,
                       Budget* budget = nullptr) {
    RestClient client;
    HttpTransportOptions options;
    options.base_url = absl::StrCat("http://127.0.0.1:", port, "/v1");
    options.token = token;
    auto transport = HttpTransport::Create(*resolver_, options);
    EXPECT_THAT(transport, IsOk());
    client.transport = *std::move(transport);
    auto backend = WebApiBackend::Create(
        {*client.transport, budget != nullptr ? *budget : budget_, *timer_,
         *client_store_, echoes_, Clock::System(), steady_},
        options_);
    EXPECT_THAT(backend, IsOk());
    client.backend = *std::move(backend);
    return client;
  }
  void Connect(int port, const std::string& token = kToken) {
    Disconnect();
    client_ = NewClient(port, token);
  }

  absl::Status CallOverRest(const google::protobuf::Message& request,
                            google::protobuf::Message* response) {
    return CallAndWait(*client_.backend, kApp, request, response);
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> AskOverRest(const Request& request) {
    Response response;
    const absl::Status status = CallOverRest(request, &response);
    if (!status.ok()) return status;
    return response;
  }

  WebApiBackendOptions options_;
  const SteadyClock steady_;
  OpenBudget budget_;
  EchoWatch echoes_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<Timer> timer_;

 private:
  StoreOptions store_options_;

 protected:
  std::unique_ptr<Store> client_store_;
  RestClient client_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEB_API_OVER_REST_FIXTURE_H_
