#ifndef CHATGATE_TESTS_WEB_API_BACKEND_FIXTURE_H_
#define CHATGATE_TESTS_WEB_API_BACKEND_FIXTURE_H_

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "chatgate/v1/chat_service.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "server/backend/error_table.h"
#include "server/event_log/event_tables.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/store/store.h"
#include "server/web_api/request_memory.h"
#include "server/web_api/web_api_backend.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/web_api/fake_rooms.h"

namespace chatgate {

// Answers of a scripted platform.
inline TransportAnswer Says(int http_status, std::string body) {
  TransportAnswer answer;
  answer.http_status = http_status;
  answer.body = std::move(body);
  return answer;
}
inline TransportAnswer SaysOk(absl::string_view data) {
  return Says(200,
              absl::StrCat(R"({"meta":{"status":200},"data":)", data, "}"));
}
inline TransportAnswer SaysError(int http_status, absl::string_view name) {
  return Says(
      http_status,
      absl::StrCat(R"({"meta":{"status":)", http_status, R"(,"error":")", name,
                   R"(","error_message":"why"},"data":{}})"));
}
// No answer; whether something was sent.
inline TransportAnswer Lost(bool maybe_sent,
                            absl::Status why = absl::UnavailableError("cut")) {
  TransportAnswer answer;
  answer.status = std::move(why);
  answer.maybe_sent = maybe_sent;
  return answer;
}

MATCHER_P(Fails, name, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return ErrorName(status) == name;
}

// A backend of app 777 on a scripted platform, with a real store and log, and
// a clock that moves only when something waits for it.
class WebApiBackendTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kApp = 777;

  WebApiBackendTest() : timer_(clock_), echoes_({kApp}) {
    options_.app_id = kApp;
    Open();
  }
  ~WebApiBackendTest() override { Shut(); }

  void Open() {
    StoreOptions options;
    options.path = dir_.File("chatgate.db");
    options.reader_threads = 1;
    auto store =
        Store::Open(options, {EventLogSchema(), RequestMemorySchema()});
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    auto log = SqliteEventLog::Open(*store_, clock_, {});
    ASSERT_THAT(log, IsOk());
    log_ = *std::move(log);
    log_->AddParticipant(echoes_);
    OpenBackend();
  }
  void OpenBackend() {
    auto backend = WebApiBackend::Create(
        {transport_, budget_, timer_, *store_, echoes_, clock_}, options_);
    ASSERT_THAT(backend, IsOk());
    backend_ = *std::move(backend);
  }
  void Shut() {
    backend_.reset();
    store_.reset();
    log_.reset();
  }
  // As after kill -9: what was under way is gone.
  void Restart() {
    Shut();
    Open();
  }

  template <typename Response, typename Request>
  std::future<absl::StatusOr<Response>> Begin(const Request& request,
                                              CallContext context = {kApp,
                                                                     "tests"}) {
    struct Answer {
      Request request;
      Response response;
      CallReport report;
      std::promise<absl::StatusOr<Response>> promise;
    };
    auto answer = std::make_shared<Answer>();
    answer->request = request;
    context.report = &answer->report;
    backend_->Call(context, answer->request, &answer->response,
                   [this, answer](const absl::Status& status) {
                     report_ = answer->report;
                     if (status.ok()) {
                       answer->promise.set_value(answer->response);
                     } else {
                       answer->promise.set_value(status);
                     }
                   });
    return answer->promise.get_future();
  }
  // Lets time pass until it is answered.
  template <typename Response>
  absl::StatusOr<Response> Wait(std::future<absl::StatusOr<Response>> answer) {
    while (answer.wait_for(std::chrono::milliseconds(1)) !=
           std::future_status::ready) {
      timer_.RunNext();
    }
    return answer.get();
  }
  template <typename Response, typename Request>
  absl::StatusOr<Response> Ask(const Request& request,
                               CallContext context = {kApp, "tests"}) {
    return Wait<Response>(Begin<Response>(request, context));
  }

  absl::StatusOr<v1::ReplyToConversationResponse> Reply(
      const std::string& request_id = "", const std::string& body = "Hi") {
    return Ask<v1::ReplyToConversationResponse>(ReplyRequest(request_id, body));
  }
  static v1::ReplyToConversationRequest ReplyRequest(
      const std::string& request_id = "", const std::string& body = "Hi") {
    v1::ReplyToConversationRequest request;
    request.set_conversation_id(5);
    request.set_body(body);
    request.set_request_id(request_id);
    return request;
  }
  absl::StatusOr<v1::GetConversationResponse> Get() {
    v1::GetConversationRequest request;
    request.set_conversation_id(5);
    return Ask<v1::GetConversationResponse>(request);
  }

  // Calls that the platform got, as `POST conversations/5/reply`.
  std::vector<std::string> Sent() const {
    std::vector<std::string> sent;
    for (const RestCall& call : transport_.calls()) {
      sent.push_back(
          absl::StrCat(call.verb == v1::GET ? "GET " : "POST ", call.path));
    }
    return sent;
  }
  // What a call said under that name; empty: nothing.
  static std::string Argument(const RestCall& call, absl::string_view name) {
    for (const auto& [key, value] : call.arguments) {
      if (key == name) return value;
    }
    return "";
  }
  // The platform's webhook tells of a part.
  void TellPart(uint64_t id, uint64_t conversation, uint32_t random_id) {
    NewEvent event;
    event.event.set_app_id(kApp);
    event.event.set_source(v1::EVENT_SOURCE_DASHLY);
    v1::ConversationPart& part =
        *event.event.mutable_dashly_conversation()->mutable_conversation();
    part.set_id(id);
    part.set_conversation(conversation);
    part.set_type("reply_admin");
    part.set_body("Hi");
    part.set_random_id(random_id);
    std::promise<absl::Status> appended;
    log_->Append(std::move(event), [&](const absl::StatusOr<Appended>& done) {
      appended.set_value(done.status());
    });
    EXPECT_THAT(appended.get_future().get(), IsOk());
  }

  TempDir dir_;
  FakeClock clock_;
  FakeTransport transport_;
  OpenBudget budget_;
  ManualTimer timer_;
  EchoWatch echoes_;
  WebApiBackendOptions options_;
  std::unique_ptr<SqliteEventLog> log_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<WebApiBackend> backend_;
  CallReport report_;  // Of the last call.
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEB_API_BACKEND_FIXTURE_H_
