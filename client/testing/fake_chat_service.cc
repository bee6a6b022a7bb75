#include "client/testing/fake_chat_service.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.grpc.pb.h"
#include "chatgate_wire/rpc_status.pb.h"
#include "client/testing/fake_log.h"
#include "server/base/mutex.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::Duration kPatience = absl::Seconds(30);

grpc::Status ToGrpc(const absl::Status& status) {
  wire::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& value) {
    auto* detail = details.add_details();
    detail->set_type_url(std::string(type));
    detail->set_value(std::string(value));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(status.message()),
                      details.SerializeAsString());
}

absl::Status WithDetail(absl::Status status, absl::string_view name,
                        const Message& detail) {
  status.SetPayload(absl::StrCat("type.googleapis.com/google.rpc.", name),
                    absl::Cord(detail.SerializeAsString()));
  return status;
}

}  // namespace

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  wire::RetryInfo info;
  const int64_t seconds = absl::IDivDuration(delay, absl::Seconds(1), &delay);
  info.mutable_retry_delay()->set_seconds(seconds);
  info.mutable_retry_delay()->set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(delay)));
  return WithDetail(std::move(status), "RetryInfo", info);
}

absl::Status WithReason(absl::Status status, absl::string_view reason) {
  wire::ErrorInfo info;
  info.set_reason(std::string(reason));
  return WithDetail(std::move(status), "ErrorInfo", info);
}

class FakeChatService::Impl final : public v1::ChatService::Service {
 public:
  Impl() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(this);
    server = builder.BuildAndStart();
    address = absl::StrCat("127.0.0.1:", port);
  }
  ~Impl() override {
    {
      MutexLock lock(mu);
      stopping = true;
      changed.SignalAll();
    }
    server->Shutdown(std::chrono::system_clock::now());
  }

#define CHATGATE_CALL(Rpc)                                    \
  grpc::Status Rpc(grpc::ServerContext* context,              \
                   const v1::Rpc##Request* request,           \
                   v1::Rpc##Response* response) override {    \
    return ToGrpc(Serve(#Rpc, *context, *request, response)); \
  }
#include "client/rpc_list.inc"
#undef CHATGATE_CALL

  grpc::Status Subscribe(
      grpc::ServerContext* context, const v1::SubscribeRequest* request,
      grpc::ServerWriter<v1::SubscribeResponse>* writer) override;

  // Waits until `condition` holds.
  template <typename Condition>
  bool Await(Condition condition) ABSL_LOCKS_EXCLUDED(mu) {
    const absl::Time end = absl::Now() + kPatience;
    MutexLock lock(mu);
    while (!condition()) {
      if (absl::Now() > end) return false;
      changed.WaitFor(mu, absl::Seconds(1));
    }
    return true;
  }

  std::unique_ptr<grpc::Server> server;
  std::string address;

  Mutex mu;
  CondVar changed;
  bool stopping ABSL_GUARDED_BY(mu) = false;
  FakeLog log ABSL_GUARDED_BY(mu);
  bool silent ABSL_GUARDED_BY(mu) = false;
  bool ignore_filters ABSL_GUARDED_BY(mu) = false;
  std::string token ABSL_GUARDED_BY(mu);
  std::function<void(absl::string_view)> on_call ABSL_GUARDED_BY(mu);
  int64_t stream_generation ABSL_GUARDED_BY(mu) = 0;  // EndStreams raises it.
  absl::Status stream_end ABSL_GUARDED_BY(mu);
  int streams_open ABSL_GUARDED_BY(mu) = 0;
  int streams_open_max ABSL_GUARDED_BY(mu) = 0;
  std::map<std::string, std::deque<absl::Status>> failures ABSL_GUARDED_BY(mu);
  std::map<std::string, std::string> answers ABSL_GUARDED_BY(mu);
  std::map<std::string, int> calls ABSL_GUARDED_BY(mu);
  std::map<std::string, std::vector<std::string>> request_ids
      ABSL_GUARDED_BY(mu);
  std::vector<v1::SubscribeRequest> subscribes ABSL_GUARDED_BY(mu);
  std::vector<v1::ReplyToConversationRequest> replies ABSL_GUARDED_BY(mu);
  std::map<std::string, v1::ConversationPart> parts ABSL_GUARDED_BY(mu);

 private:
  // Why the call is refused, or OK.
  absl::Status Admit(const std::string& rpc, const grpc::ServerContext& context)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  absl::Status Serve(const std::string& rpc, const grpc::ServerContext& context,
                     const Message& request, Message* response)
      ABSL_LOCKS_EXCLUDED(mu);
  void Reply(const v1::ReplyToConversationRequest& request,
             v1::ReplyToConversationResponse& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  absl::Status Stream(grpc::ServerContext& context,
                      const v1::SubscribeRequest& request,
                      grpc::ServerWriter<v1::SubscribeResponse>& writer)
      ABSL_LOCKS_EXCLUDED(mu);
};

absl::Status FakeChatService::Impl::Admit(const std::string& rpc,
                                          const grpc::ServerContext& context) {
  ++calls[rpc];
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("authorization");
  if (!token.empty() &&
      (found == metadata.end() || found->second != "Bearer " + token)) {
    return absl::UnauthenticatedError("the token is missing or unknown");
  }
  std::deque<absl::Status>& waiting = failures[rpc];
  if (waiting.empty()) return absl::OkStatus();
  absl::Status failure = waiting.front();
  waiting.pop_front();
  return failure;
}

absl::Status FakeChatService::Impl::Serve(const std::string& rpc,
                                          const grpc::ServerContext& context,
                                          const Message& request,
                                          Message* response) {
  std::function<void(absl::string_view)> before;
  {
    MutexLock lock(mu);
    before = on_call;
  }
  if (before) before(rpc);
  MutexLock lock(mu);
  const FieldDescriptor* id =
      request.GetDescriptor()->FindFieldByName("request_id");
  if (id != nullptr) {
    request_ids[rpc].push_back(request.GetReflection()->GetString(request, id));
  }
  const absl::Status admitted = Admit(rpc, context);
  changed.SignalAll();
  if (!admitted.ok()) return admitted;
  if (rpc == "ReplyToConversation") {
    Reply(static_cast<const v1::ReplyToConversationRequest&>(request),
          static_cast<v1::ReplyToConversationResponse&>(*response));
  }
  if (const auto answer = answers.find(rpc); answer != answers.end()) {
    response->ParseFromString(answer->second);
  }
  return absl::OkStatus();
}

void FakeChatService::Impl::Reply(const v1::ReplyToConversationRequest& request,
                                  v1::ReplyToConversationResponse& response) {
  replies.push_back(request);
  const auto known = parts.find(request.request_id());
  if (!request.request_id().empty() && known != parts.end()) {
    *response.mutable_part() = known->second;
    return;
  }
  v1::Event event;
  event.set_app_id(request.app_id());
  event.set_conversation(absl::StrCat("dashly:", request.conversation_id()));
  v1::ConversationPart& part =
      *event.mutable_dashly_conversation()->mutable_conversation();
  part.set_id(1'000'000 + log.head());
  part.set_conversation(request.conversation_id());
  part.set_body(request.body());
  part.set_type(request.type().empty() ? "reply_admin" : request.type());
  part.set_direction("a2u");
  part.set_random_id(request.random_id());
  part.mutable_sender()->mutable_admin()->set_name(request.bot_name());
  parts[request.request_id()] = part;
  *response.mutable_part() = part;
  log.Append(event);
}

grpc::Status FakeChatService::Impl::Subscribe(
    grpc::ServerContext* context, const v1::SubscribeRequest* request,
    grpc::ServerWriter<v1::SubscribeResponse>* writer) {
  {
    MutexLock lock(mu);
    subscribes.push_back(*request);
    streams_open_max = std::max(streams_open_max, ++streams_open);
    changed.SignalAll();
  }
  const absl::Status end = Stream(*context, *request, *writer);
  MutexLock lock(mu);
  --streams_open;
  changed.SignalAll();
  return ToGrpc(end);
}

absl::Status FakeChatService::Impl::Stream(
    grpc::ServerContext& context, const v1::SubscribeRequest& request,
    grpc::ServerWriter<v1::SubscribeResponse>& writer) {
  v1::SubscribeResponse response;
  int64_t generation = 0;
  uint64_t position = 0;
  bool is_silent = false;
  {
    MutexLock lock(mu);
    if (absl::Status no = Admit("Subscribe", context); !no.ok()) return no;
    const absl::StatusOr<uint64_t> begin = log.Begin(request);
    if (!begin.ok()) return begin.status();
    position = *begin;
    generation = stream_generation;
    is_silent = silent;
    response.set_cursor(FakeLog::Cursor(position));
    response.mutable_heartbeat()->set_head(log.head());
  }
  while (is_silent || writer.Write(response)) {
    MutexLock lock(mu);
    while (is_silent ||
           (position == log.head() && position >= log.forgotten())) {
      if (context.IsCancelled()) return absl::CancelledError("by the client");
      if (stopping) return absl::UnavailableError("stopping");
      if (generation != stream_generation) return stream_end;
      // A cancelled call wakes nobody.
      changed.WaitFor(mu, absl::Milliseconds(20));
    }
    if (generation != stream_generation) return stream_end;
    response = log.ReadAfter(
        ignore_filters ? v1::EventFilter() : request.filter(), position);
  }
  return absl::CancelledError("by the client");
}

FakeChatService::FakeChatService() : impl_(std::make_unique<Impl>()) {}
FakeChatService::~FakeChatService() = default;

std::shared_ptr<grpc::Channel> FakeChatService::InProcess() {
  return impl_->server->InProcessChannel({});
}
const std::string& FakeChatService::address() const { return impl_->address; }

uint64_t FakeChatService::Publish(v1::Event event) {
  MutexLock lock(impl_->mu);
  impl_->changed.SignalAll();
  return impl_->log.Append(std::move(event));
}

void FakeChatService::Forget(uint64_t seq) {
  MutexLock lock(impl_->mu);
  impl_->log.Forget(seq);
}

void FakeChatService::EndStreams(const absl::Status& status) {
  MutexLock lock(impl_->mu);
  ++impl_->stream_generation;
  impl_->stream_end = status;
  impl_->changed.SignalAll();
}

void FakeChatService::FailNext(absl::string_view rpc,
                               const absl::Status& status, int times) {
  MutexLock lock(impl_->mu);
  auto& waiting = impl_->failures[std::string(rpc)];
  waiting.insert(waiting.end(), times, status);
}

void FakeChatService::SetSilent(bool silent) {
  MutexLock lock(impl_->mu);
  impl_->silent = silent;
}

void FakeChatService::IgnoreFilters() {
  MutexLock lock(impl_->mu);
  impl_->ignore_filters = true;
}

void FakeChatService::RequireToken(absl::string_view token) {
  MutexLock lock(impl_->mu);
  impl_->token = std::string(token);
}

void FakeChatService::Answer(absl::string_view rpc, const Message& response) {
  MutexLock lock(impl_->mu);
  impl_->answers[std::string(rpc)] = response.SerializeAsString();
}

void FakeChatService::OnCall(std::function<void(absl::string_view)> on_call) {
  MutexLock lock(impl_->mu);
  impl_->on_call = std::move(on_call);
}

std::vector<v1::SubscribeRequest> FakeChatService::subscribes() const {
  MutexLock lock(impl_->mu);
  return impl_->subscribes;
}

std::vector<v1::ReplyToConversationRequest> FakeChatService::replies() const {
  MutexLock lock(impl_->mu);
  return impl_->replies;
}

int FakeChatService::calls(absl::string_view rpc) const {
  MutexLock lock(impl_->mu);
  return impl_->calls[std::string(rpc)];
}

std::vector<std::string> FakeChatService::request_ids(
    absl::string_view rpc) const {
  MutexLock lock(impl_->mu);
  return impl_->request_ids[std::string(rpc)];
}

int FakeChatService::streams_open() const {
  MutexLock lock(impl_->mu);
  return impl_->streams_open;
}

int FakeChatService::streams_open_max() const {
  MutexLock lock(impl_->mu);
  return impl_->streams_open_max;
}

bool FakeChatService::AwaitSubscribes(size_t count) {
  return impl_->Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(impl_->mu) {
    return impl_->subscribes.size() >= count;
  });
}

bool FakeChatService::AwaitReplies(size_t count) {
  return impl_->Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(impl_->mu) {
    return impl_->replies.size() >= count;
  });
}

bool FakeChatService::AwaitNoStreams() {
  return impl_->Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(impl_->mu) {
    return impl_->streams_open == 0;
  });
}

}  // namespace chatgate
