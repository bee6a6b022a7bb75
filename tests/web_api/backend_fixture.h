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
#include "server/event_log/sqlite_event_log.h"
#include "server/store/store.h"
#include "server/web_api/web_api_backend.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/web_api/fake_transport.h"
#include "tests/web_api/manual_timer.h"
#include "tests/web_api/open_budget.h"

namespace chatgate {

// Answers of a scripted platform.
TransportAnswer Says(int http_status, std::string body);
TransportAnswer SaysOk(absl::string_view data);
TransportAnswer SaysError(int http_status, absl::string_view name);
// No answer; whether something was sent.
TransportAnswer Lost(bool maybe_sent,
                     absl::Status why = absl::UnavailableError("cut"));

MATCHER_P(Fails, name, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return ErrorName(status) == name;
}

// A clock that goes as another one and is not set with it.
class ClockBeside final : public Clock {
 public:
  explicit ClockBeside(const Clock& clock) : clock_(clock) {}

  absl::Time Now() const override ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return clock_.Now() - set_by_;
  }
  // The other one was set.
  void Note(absl::Duration by) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    set_by_ += by;
  }

 private:
  const Clock& clock_;
  mutable Mutex mu_;
  absl::Duration set_by_ ABSL_GUARDED_BY(mu_);
};

// A backend of app 777 on a scripted platform, with a real store and log, and
// a clock that moves only when something waits for it.
class WebApiBackendTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kApp = 777;

  WebApiBackendTest();
  ~WebApiBackendTest() override { Shut(); }

  void Open();
  void OpenBackend();
  void Shut();
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
      const std::string& request_id = "", const std::string& body = "Hi");
  absl::StatusOr<v1::GetConversationResponse> Get() {
    v1::GetConversationRequest request;
    request.set_conversation_id(5);
    return Ask<v1::GetConversationResponse>(request);
  }

  // Somebody sets our time of day.
  void SetClock(absl::Duration by) {
    clock_.AdvanceTime(by);
    steady_.Note(by);
  }

  // Calls that the platform got, as `POST conversations/5/reply`.
  std::vector<std::string> Sent() const;
  // What a call said under that name; empty: nothing.
  static std::string Argument(const RestCall& call, absl::string_view name);
  // The platform's webhook tells of a part.
  void TellPart(uint64_t id, uint64_t conversation, uint32_t random_id,
                const std::string& type = "reply_admin");

  TempDir dir_;
  FakeClock clock_;
  ClockBeside steady_{clock_};
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
