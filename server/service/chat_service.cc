#include "server/service/chat_service.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.grpc.pb.h"
#include "server/backend/method_table.h"
#include "server/base/status_macros.h"
#include "server/service/admission.h"
#include "server/service/errors.h"
#include "server/service/event_calls.h"
#include "server/service/refused_stream.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Subscribe works on bytes, so that events are serialised once for all streams.
using Surface = v1::ChatService::WithRawCallbackMethod_Subscribe<
    v1::ChatService::CallbackService>;

// What the call cost, in the trailing metadata of its answer.
void AddReport(const CallReport& report, grpc::CallbackServerContext* context) {
  context->AddTrailingMetadata("chatgate-cost", absl::StrCat(report.cost));
  if (report.served_from.empty()) return;
  context->AddTrailingMetadata(
      "chatgate-queued-ms",
      absl::StrCat(absl::ToInt64Milliseconds(report.queued)));
  context->AddTrailingMetadata("chatgate-served-from", report.served_from);
  if (report.as_of == absl::InfinitePast()) return;
  context->AddTrailingMetadata(
      "chatgate-as-of",
      absl::FormatTime(absl::RFC3339_full, report.as_of, absl::UTCTimeZone()));
}

class ChatServiceImpl final : public ChatService, private Surface {
 public:
  ChatServiceImpl(Authenticator authenticator,
                  std::map<uint64_t, Backend*> backends, MethodTable methods,
                  EventLog& log, Hub& hub, const Clock& clock,
                  const ChatServiceOptions& options)
      : authenticator_(std::move(authenticator)),
        backends_(std::move(backends)),
        methods_(std::move(methods)),
        options_(options),
        events_(IdsOf(backends_), log, hub, clock, options) {}

  grpc::Service& service() override { return *this; }

  bool Stop(absl::Duration timeout) override { return events_.Stop(timeout); }

 private:
#define CHATGATE_FORWARD(Rpc)                                           \
  grpc::ServerUnaryReactor* Rpc(grpc::CallbackServerContext* context,   \
                                const v1::Rpc##Request* request,        \
                                v1::Rpc##Response* response) override { \
    return Forward(context, *request, response);                        \
  }
  CHATGATE_FORWARD(ListActiveUsers)
  CHATGATE_FORWARD(ListUsers)
  CHATGATE_FORWARD(ListConversations)
  CHATGATE_FORWARD(ListChannels)
  CHATGATE_FORWARD(GetConversation)
  CHATGATE_FORWARD(ListConversationParts)
  CHATGATE_FORWARD(ReplyToConversation)
  CHATGATE_FORWARD(MarkConversationRead)
  CHATGATE_FORWARD(SetTyping)
  CHATGATE_FORWARD(AssignConversation)
  CHATGATE_FORWARD(TagConversation)
  CHATGATE_FORWARD(CloseConversation)
  CHATGATE_FORWARD(GetUser)
  CHATGATE_FORWARD(ListUserEvents)
  CHATGATE_FORWARD(ListUserConversations)
  CHATGATE_FORWARD(TrackUserEvent)
  CHATGATE_FORWARD(SetUserProps)
  CHATGATE_FORWARD(SetUserPresence)
  CHATGATE_FORWARD(SendMessage)
  CHATGATE_FORWARD(StartConversation)
#undef CHATGATE_FORWARD

  // Authenticates, chooses the app, calls its backend, finishes the reactor.
  // The request, the response and the context live until then, also when the
  // call is cancelled before.
  grpc::ServerUnaryReactor* Forward(grpc::CallbackServerContext* context,
                                    const Message& request, Message* response) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    CallContext call;
    const auto report = std::make_shared<CallReport>();
    call.report = report.get();
    const absl::Status allowed = Admit(*context, request, &call);
    if (!allowed.ok()) {
      reactor->Finish(ToGrpcStatus(allowed));
      return reactor;
    }
    backends_.at(call.app_id)
        ->Call(call, request, response,
               [reactor, context, report](const absl::Status& status) {
                 AddReport(*report, context);
                 reactor->Finish(ToGrpcStatus(status));
               });
    return reactor;
  }

  grpc::ServerUnaryReactor* ListEvents(
      grpc::CallbackServerContext* context,
      const v1::ListEventsRequest* request,
      v1::ListEventsResponse* response) override {
    return Read(context, &EventCalls::List, *request, response);
  }

  grpc::ServerUnaryReactor* GetEvent(grpc::CallbackServerContext* context,
                                     const v1::GetEventRequest* request,
                                     v1::GetEventResponse* response) override {
    return Read(context, &EventCalls::Get, *request, response);
  }

  // A call of EventCalls. What it works with lives until the reactor finishes.
  template <typename Call, typename Request, typename Response>
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* context,
                                 Call call, const Request& request,
                                 Response* response) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const auto done = [reactor](const absl::Status& status) {
      reactor->Finish(ToGrpcStatus(status));
    };
    const absl::StatusOr<const Caller*> caller =
        AuthenticateCall(authenticator_, *context);
    if (!caller.ok()) {
      done(caller.status());
    } else {
      (events_.*call)(**caller, request, response, done);
    }
    return reactor;
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Subscribe(
      grpc::CallbackServerContext* context,
      const grpc::ByteBuffer* request) override {
    absl::StatusOr<SubscribeReactor*> stream = StartStream(*context, *request);
    if (stream.ok()) return *stream;
    return new RefusedStream(ToGrpcStatus(stream.status()));
  }

  absl::Status Admit(const grpc::CallbackServerContext& context,
                     const Message& request, CallContext* call) const {
    ASSIGN_OR_RETURN(const Caller* caller,
                     AuthenticateCall(authenticator_, context));
    const Method* method = methods_.Find(request.GetDescriptor());
    RETURN_IF_ERROR(
        CheckRole(*caller, method->mutates() ? v1::WRITER : v1::READER));
    const FieldDescriptor* app_id =
        request.GetDescriptor()->FindFieldByName("app_id");
    ASSIGN_OR_RETURN(
        call->app_id,
        ChooseApp(*caller, request.GetReflection()->GetUInt64(request, app_id),
                  backends_, "this gateway"));
    call->caller = caller->name;
    call->deadline = std::min(absl::FromChrono(context.deadline()),
                              absl::Now() + options_.call_time_max);
    return absl::OkStatus();
  }

  absl::StatusOr<SubscribeReactor*> StartStream(
      const grpc::CallbackServerContext& context,
      const grpc::ByteBuffer& request) {
    ASSIGN_OR_RETURN(const Caller* caller,
                     AuthenticateCall(authenticator_, context));
    return events_.Subscribe(*caller, request);
  }

  static std::set<uint64_t> IdsOf(const std::map<uint64_t, Backend*>& apps) {
    std::set<uint64_t> ids;
    for (const auto& [id, backend] : apps) ids.insert(id);
    return ids;
  }

  const Authenticator authenticator_;
  const std::map<uint64_t, Backend*> backends_;
  const MethodTable methods_;
  const ChatServiceOptions options_;
  EventCalls events_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ChatService>> ChatService::Create(
    Authenticator authenticator, std::map<uint64_t, Backend*> backends,
    EventLog& log, Hub& hub, const Clock& clock,
    const ChatServiceOptions& options) {
  const google::protobuf::ServiceDescriptor* descriptor =
      v1::SubscribeRequest::descriptor()->file()->FindServiceByName(
          "ChatService");
  ASSIGN_OR_RETURN(MethodTable methods, MethodTable::Build(*descriptor));
  return std::make_unique<ChatServiceImpl>(
      std::move(authenticator), std::move(backends), std::move(methods), log,
      hub, clock, options);
}

}  // namespace chatgate
