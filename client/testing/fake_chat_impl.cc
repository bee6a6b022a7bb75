#include "client/testing/fake_chat_impl.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "chatgate_wire/rpc_status.pb.h"

namespace chatgate {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

FakeChatService::Impl::Impl(const Clock& clock) : log(clock) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(this);
  server = builder.BuildAndStart();
  address = absl::StrCat("127.0.0.1:", port);
}

FakeChatService::Impl::~Impl() {
  {
    MutexLock lock(mu);
    stopping = true;
    changed.SignalAll();
  }
  server->Shutdown(std::chrono::system_clock::now());
}

grpc::Status FakeChatService::Impl::Finish(const absl::Status& status) {
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

absl::Status FakeChatService::Impl::Admit(const std::string& rpc,
                                          const grpc::ServerContext& context) {
  ++calls[rpc];
  changed.SignalAll();
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
  absl::Status admitted = Admit(rpc, context);
  changed.SignalAll();
  if (!admitted.ok()) return admitted;
  if (rpc == "ReplyToConversation") {
    Reply(static_cast<const v1::ReplyToConversationRequest&>(request),
          static_cast<v1::ReplyToConversationResponse&>(*response));
  }
  if (rpc == "ListEvents") {
    auto page = log.List(static_cast<const v1::ListEventsRequest&>(request));
    if (!page.ok()) return page.status();
    static_cast<v1::ListEventsResponse&>(*response) = *std::move(page);
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
  return Finish(end);
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
  bool last = false;
  while (is_silent || (writer.Write(response) && !last)) {
    MutexLock lock(mu);
    while (is_silent ||
           (position == log.head() && position >= log.forgotten())) {
      if (context.IsCancelled()) return absl::CancelledError("by the client");
      if (stopping) return absl::UnavailableError("stopping");
      if (generation != stream_generation) break;
      // A cancelled call wakes nobody.
      changed.WaitFor(mu, absl::Milliseconds(20));
    }
    if (generation != stream_generation) {
      if (!stream_reconnect.has_value()) return stream_end;
      response.Clear();
      response.set_cursor(FakeLog::Cursor(position));
      *response.mutable_reconnect() = *stream_reconnect;
      last = true;
      continue;
    }
    response = log.ReadAfter(
        ignore_filters ? v1::EventFilter() : request.filter(), position);
  }
  return last ? absl::OkStatus() : absl::CancelledError("by the client");
}

}  // namespace chatgate
