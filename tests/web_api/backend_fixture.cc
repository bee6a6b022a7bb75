#include "tests/web_api/backend_fixture.h"

#include "absl/strings/str_cat.h"
#include "server/event_log/event_tables.h"
#include "server/web_api/request_memory.h"

namespace chatgate {

WebApiBackendTest::WebApiBackendTest() : timer_(clock_), echoes_({kApp}) {
  options_.app_id = kApp;
  Open();
}

void WebApiBackendTest::Open() {
  StoreOptions options;
  options.path = dir_.File("chatgate.db");
  options.reader_threads = 1;
  auto store = Store::Open(options, {EventLogSchema(), RequestMemorySchema()});
  ASSERT_THAT(store, IsOk());
  store_ = *std::move(store);
  auto log = SqliteEventLog::Open(*store_, clock_, {});
  ASSERT_THAT(log, IsOk());
  log_ = *std::move(log);
  log_->AddParticipant(echoes_);
  OpenBackend();
}

void WebApiBackendTest::OpenBackend() {
  auto backend = WebApiBackend::Create(
      {transport_, budget_, timer_, *store_, echoes_, clock_, steady_},
      options_);
  ASSERT_THAT(backend, IsOk());
  backend_ = *std::move(backend);
}

void WebApiBackendTest::Shut() {
  backend_.reset();
  store_.reset();
  log_.reset();
}

std::vector<std::string> WebApiBackendTest::Sent() const {
  std::vector<std::string> sent;
  for (const RestCall& call : transport_.calls()) {
    sent.push_back(
        absl::StrCat(call.verb == v1::GET ? "GET " : "POST ", call.path));
  }
  return sent;
}

std::string WebApiBackendTest::Argument(const RestCall& call,
                                        absl::string_view name) {
  for (const auto& [key, value] : call.arguments) {
    if (key == name) return value;
  }
  return "";
}

void WebApiBackendTest::TellPart(uint64_t id, uint64_t conversation,
                                 uint32_t random_id, const std::string& type) {
  NewEvent event;
  event.event.set_app_id(kApp);
  event.event.set_source(v1::EVENT_SOURCE_DASHLY);
  v1::ConversationPart& part =
      *event.event.mutable_dashly_conversation()->mutable_conversation();
  part.set_id(id);
  part.set_conversation(conversation);
  part.set_type(type);
  part.set_body("Hi");
  part.set_random_id(random_id);
  std::promise<absl::Status> appended;
  log_->Append(std::move(event), [&](const absl::StatusOr<Appended>& done) {
    appended.set_value(done.status());
  });
  EXPECT_THAT(appended.get_future().get(), IsOk());
}

v1::ReplyToConversationRequest WebApiBackendTest::ReplyRequest(
    const std::string& request_id, const std::string& body) {
  v1::ReplyToConversationRequest request;
  request.set_conversation_id(5);
  request.set_body(body);
  request.set_request_id(request_id);
  return request;
}

TransportAnswer Says(int http_status, std::string body) {
  TransportAnswer answer;
  answer.http_status = http_status;
  answer.body = std::move(body);
  return answer;
}
TransportAnswer SaysOk(absl::string_view data) {
  return Says(200,
              absl::StrCat(R"({"meta":{"status":200},"data":)", data, "}"));
}
TransportAnswer SaysError(int http_status, absl::string_view name) {
  return Says(
      http_status,
      absl::StrCat(R"({"meta":{"status":)", http_status, R"(,"error":")", name,
                   R"(","error_message":"why"},"data":{}})"));
}
// No answer; whether something was sent.
TransportAnswer Lost(bool maybe_sent, absl::Status why) {
  TransportAnswer answer;
  answer.status = std::move(why);
  answer.maybe_sent = maybe_sent;
  return answer;
}

}  // namespace chatgate
