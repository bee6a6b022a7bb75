#include "client/chat_client.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "chatgate/v1/operations.pb.h"
#include "chatgate/v1/options.pb.h"
#include "chatgate/v1/records.pb.h"
#include "client/status.h"
#include "client/unary_call.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// An event may have 3.5 MiB; leave room for what a newer gateway adds.
constexpr int kReceiveBytesMax = 16 << 20;

grpc::ChannelArguments ChannelArgs() {
  grpc::ChannelArguments args;
  args.SetMaxReceiveMessageSize(kReceiveBytesMax);
  // The gateway refuses pings more frequent than every 10 s.
  args.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  args.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // gRPC's own minute or two between attempts to connect would outlast ours.
  args.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  args.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  return args;
}

bool IsHostPort(absl::string_view server) {
  const size_t colon = server.rfind(':');
  int port = 0;
  return colon != absl::string_view::npos && colon > 0 &&
         absl::SimpleAtoi(server.substr(colon + 1), &port) && port > 0 &&
         port < 65536;
}

// A version 4 UUID.
std::string RandomId() {
  std::random_device random;
  std::uniform_int_distribution<uint64_t> any;
  const uint64_t high = any(random);
  const uint64_t low = any(random);
  return absl::StrFormat(
      "%08x-%04x-4%03x-%04x-%012x", high >> 32, (high >> 16) & 0xffff,
      high & 0xfff, 0x8000 | ((low >> 48) & 0x3fff), low & 0xffff'ffff'ffff);
}

// A copy of `request` with a request id, where it has the field and left it
// empty; otherwise null.
std::unique_ptr<Message> WithRequestId(const Message& request) {
  const FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr ||
      !request.GetReflection()->GetString(request, field).empty()) {
    return nullptr;
  }
  std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  copy->GetReflection()->SetString(copy.get(), field, RandomId());
  return copy;
}

// Whether sending the same request twice does what sending it once does. What
// has no REST form only reads, or, as ImportRecords and ResendWebhookDelivery,
// finds the second time that it is done.
bool IsSafeToRepeat(const MethodDescriptor& method) {
  const v1::RestRule& rule = method.options().GetExtension(v1::rest);
  return rule.verb() != v1::POST || rule.idempotent() ||
         method.input_type()->FindFieldByName("request_id") != nullptr;
}

bool IsWorthRepeating(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         RetryDelay(status).has_value();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChatClient>> ChatClient::Connect(
    ClientOptions options) {
  if (!IsHostPort(options.server)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "server is \"", options.server, "\", but should be HOST:PORT"));
  }
  std::shared_ptr<grpc::ChannelCredentials> credentials =
      grpc::InsecureChannelCredentials();
  if (options.tls_roots.has_value()) {
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = *options.tls_roots;
    credentials = grpc::SslCredentials(ssl);
  }
  auto channel =
      grpc::CreateCustomChannel(options.server, credentials, ChannelArgs());
  return Over(std::move(channel), std::move(options));
}

std::unique_ptr<ChatClient> ChatClient::Over(
    std::shared_ptr<grpc::Channel> channel, ClientOptions options) {
  return std::unique_ptr<ChatClient>(
      new ChatClient(std::move(channel), std::move(options)));
}

ChatClient::ChatClient(std::shared_ptr<grpc::Channel> channel,
                       ClientOptions options)
    : options_(std::move(options)), channel_(std::move(channel)) {}

ChatClient::~ChatClient() = default;

std::vector<const MethodDescriptor*> ChatClient::Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const google::protobuf::ServiceDescriptor* service :
       {v1::ListEventsRequest::descriptor()->file()->FindServiceByName(
            "ChatService"),
        v1::ListWebhookTargetsRequest::descriptor()->file()->FindServiceByName(
            "OperationsService"),
        v1::Record::descriptor()->file()->FindServiceByName("RecordService")}) {
    for (int i = 0; i < service->method_count(); ++i) {
      if (service->method(i)->server_streaming()) continue;
      methods.push_back(service->method(i));
    }
  }
  return methods;
}

void ChatClient::Authorize(grpc::ClientContext& context) const {
  if (options_.token.empty()) return;
  context.AddMetadata("authorization", absl::StrCat("Bearer ", options_.token));
}

absl::Status ChatClient::Call(absl::string_view rpc, const Message& request,
                              Message* response, const CallOptions& options) {
  const MethodDescriptor* method = nullptr;
  for (const MethodDescriptor* known : Methods()) {
    if (known->name() == std::string(rpc)) method = known;
  }
  if (method == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("the gateway has no unary method ", rpc));
  }
  if (request.GetDescriptor() != method->input_type() ||
      response->GetDescriptor() != method->output_type()) {
    return absl::InvalidArgumentError(
        absl::StrCat(rpc, " takes ", method->input_type()->name(),
                     " and gives ", method->output_type()->name()));
  }
  const std::unique_ptr<Message> identified = WithRequestId(request);
  return CallWithRetries(*method, identified ? *identified : request, response,
                         options);
}

absl::Status ChatClient::CallWithRetries(const MethodDescriptor& method,
                                         const Message& request,
                                         Message* response,
                                         const CallOptions& options) {
  const std::string path =
      absl::StrCat("/", method.service()->full_name(), "/", method.name());
  const absl::Time deadline =
      absl::Now() + options.deadline.value_or(options_.default_deadline);
  const bool repeat = options.retry && IsSafeToRepeat(method);
  Backoff backoff(options_.backoff);
  while (true) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    Authorize(context);
    absl::Status status = UnaryCall(channel_, context, path, request, response);
    if (status.ok() || !repeat || !IsWorthRepeating(status)) return status;
    const absl::Duration wait = std::max(
        backoff.Next(), RetryDelay(status).value_or(absl::ZeroDuration()));
    // What cannot start before the deadline is better known at once.
    if (absl::Now() + wait >= deadline) return status;
    Mutex mu;
    CondVar never;
    MutexLock lock(mu);
    options_.waiter->Wait(Waiter::Reason::kBackoff, wait, never, mu);
  }
}

}  // namespace chatgate
