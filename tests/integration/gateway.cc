#include "tests/integration/gateway.h"

#include <grpcpp/grpcpp.h>
#include <httplib.h>
#include <signal.h>

#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(60);

// The text after `key` up to the next space.
std::string ValueOf(const std::string& line, const std::string& key) {
  const size_t begin = line.find(key);
  if (begin == std::string::npos) return "";
  return line.substr(begin + key.size(),
                     line.find(' ', begin) - begin - key.size());
}

}  // namespace

std::string Binary(const std::string& name) {
  return absl::StrCat(CHATGATE_BINARY_DIR, "/", name);
}

std::string WebhookSample(const std::string& name) {
  std::ifstream file(
      absl::StrCat(CHATGATE_SOURCE_DIR, "/tests/golden/webhooks/", name));
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

Gateway::Gateway(const std::string& embedded) {
  SetPlatform(absl::StrCat("embedded { admins { id: 111 name: \"inkov\" } ",
                           embedded, " }"));
}

void Gateway::SetPlatform(const std::string& platform) {
  config_path_ = directory_.Write(
      "chatgate.textproto",
      absl::Substitute(R"(
apps {
  id: 777
  name: "Test"
  api_token { value: "$0" }
  webhook_token { value: "$1" }
  chatlio_secret { value: "$2" }
  $4
}
callers { name: "tests" token { value: "$3" } role: ADMIN }
)",
                       kApiToken, kWebhookToken, kChatlioSecret, kCallerToken,
                       platform));
}

absl::Status Gateway::Start() {
  std::vector<std::string> arguments = program_;
  arguments[0] = Binary(program_[0]);
  for (const std::string& argument :
       {std::string("--config"), config_path_, std::string("--data_dir"),
        directory_.File("data"), std::string("--grpc_listen"), grpc_address_,
        std::string("--http_listen"), http_address_}) {
    arguments.push_back(argument);
  }
  ASSIGN_OR_RETURN(process_, ChildProcess::Start(arguments));
  ASSIGN_OR_RETURN(const std::string line, process_->ReadLine(kStartPatience));
  if (!absl::StartsWith(line, "chatgate ready ")) {
    return absl::InternalError(absl::StrCat("not a ready line: ", line));
  }
  // Started again, it has the addresses that other threads are using.
  const std::string grpc_address = ValueOf(line, "grpc=");
  const std::string http_address = ValueOf(line, "http=");
  if (grpc_address_ != grpc_address) grpc_address_ = grpc_address;
  if (http_address_ != http_address) http_address_ = http_address;
  return absl::OkStatus();
}

int Gateway::Stop() {
  process_->Signal(SIGTERM);
  return process_->Wait();
}

std::unique_ptr<v1::ChatService::Stub> Gateway::NewStub() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  return v1::ChatService::NewStub(grpc::CreateCustomChannel(
      grpc_address_, grpc::InsecureChannelCredentials(), arguments));
}

void Gateway::Authorize(grpc::ClientContext* context) {
  context->AddMetadata("authorization", absl::StrCat("Bearer ", kCallerToken));
  context->set_wait_for_ready(true);
  context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
}

HttpAnswer Gateway::Post(const std::string& path, const std::string& body,
                         const std::string& content_type) const {
  httplib::Client client(absl::StrCat("http://", http_address_));
  client.set_tcp_nodelay(true);
  const httplib::Result result = client.Post(
      path, {{"User-Agent", "Dashly Webhook 1.0"}}, body, content_type);
  if (!result) return {};
  return {result->status, result->body};
}

HttpAnswer Gateway::PostDashly(const std::string& conversation_json) const {
  const httplib::Params form = {{"conversation", conversation_json},
                                {"type", "conversation"},
                                {"token", kWebhookToken}};
  return Post("/webhooks/dashly", httplib::detail::params_to_query_str(form),
              "application/x-www-form-urlencoded");
}

std::string LeadPart(uint64_t id, uint64_t conversation,
                     const std::string& body) {
  return absl::StrCat(
      R"({"direction": "u2a", "conversation_closed": false, "conversation_tags": [], )",
      R"("type": "reply_user", "id": )", id, R"(, "body": ")", body,
      R"(", "assignee": null, "sent_via": "web_user", "created": 1492604036, )",
      R"("random_id": 132466821, "conversation": )", conversation,
      R"(, "from": 85648207})");
}

}  // namespace chatgate
