#include "server/service/chat_service.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/backend/method_table.h"
#include "server/base/status_macros.h"
#include "server/rpc/rpc_service.h"
#include "server/rpc/server_stream.h"
#include "server/rpc/unary_call.h"
#include "server/service/admission.h"
#include "server/service/errors.h"
#include "server/service/event_calls.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What the call cost, in the trailing metadata of its answer.
void AddReport(const CallReport& report, UnaryCall& call) {
  call.AddTrailingMetadata("chatgate-cost", absl::StrCat(report.cost));
  if (report.served_from.empty()) return;
  call.AddTrailingMetadata(
      "chatgate-queued-ms",
      absl::StrCat(absl::ToInt64Milliseconds(report.queued)));
  call.AddTrailingMetadata("chatgate-served-from", report.served_from);
  if (report.as_of == absl::InfinitePast()) return;
  call.AddTrailingMetadata(
      "chatgate-as-of",
      absl::FormatTime(absl::RFC3339_full, report.as_of, absl::UTCTimeZone()));
}

class ChatServiceImpl final : public ChatService {
 public:
  ChatServiceImpl(const google::protobuf::ServiceDescriptor& descriptor,
                  Authenticator authenticator,
                  std::map<uint64_t, Backend*> backends, MethodTable methods,
                  EventLog& log, Hub& hub, const Clock& clock,
                  const ChatServiceOptions& options)
      : service_(descriptor),
        authenticator_(std::move(authenticator)),
        backends_(std::move(backends)),
        methods_(std::move(methods)),
        options_(options),
        events_(IdsOf(backends_), log, hub, clock, options) {
    RefuseUnreadableCalls(authenticator_, &service_);
    for (const Method& method : methods_.methods()) {
      service_.OnCall(method.name(), [this, &method](UnaryCall& call) {
        Forward(method, call);
      });
    }
    service_.OnCall("ListEvents", [this](UnaryCall& call) {
      Read<v1::ListEventsRequest, v1::ListEventsResponse>(&EventCalls::List,
                                                          call);
    });
    service_.OnCall("GetEvent", [this](UnaryCall& call) {
      Read<v1::GetEventRequest, v1::GetEventResponse>(&EventCalls::Get, call);
    });
    service_.OnStream("Subscribe", [this](ServerStream& stream) {
      const absl::Status status = StartStream(stream);
      if (!status.ok()) stream.Finish(ToGrpcStatus(status));
    });
  }

  const RpcService& service() const override { return service_; }

  bool Stop(absl::Duration timeout) override { return events_.Stop(timeout); }

 private:
  // Authenticates, chooses the app, calls its backend, which finishes.
  void Forward(const Method& method, UnaryCall& call) {
    struct Filled {
      CallReport report;
      std::shared_ptr<const std::string> bytes;
    };
    const auto filled = std::make_shared<Filled>();
    CallContext context;
    context.report = &filled->report;
    context.answer_bytes = &filled->bytes;
    const absl::Status allowed = Admit(method, call, &context);
    if (!allowed.ok()) return call.Finish(ToGrpcStatus(allowed));
    backends_.at(context.app_id)
        ->Call(context, call.request(), call.response(),
               [&call, filled](const absl::Status& status) {
                 AddReport(filled->report, call);
                 if (filled->bytes) call.UseBytes(std::move(filled->bytes));
                 call.Finish(ToGrpcStatus(status));
               });
  }

  // A call of EventCalls.
  template <typename Request, typename Response>
  void Read(void (EventCalls::*read)(const Caller&, const Request&, Response*,
                                     const EventCalls::Done&),
            UnaryCall& call) {
    const auto done = [&call](const absl::Status& status) {
      call.Finish(ToGrpcStatus(status));
    };
    const absl::StatusOr<const Caller*> caller =
        AuthenticateCall(authenticator_, call.context());
    if (!caller.ok()) return done(caller.status());
    (events_.*read)(**caller, static_cast<const Request&>(call.request()),
                    static_cast<Response*>(call.response()), done);
  }

  absl::Status Admit(const Method& method, const UnaryCall& call,
                     CallContext* context) const {
    ASSIGN_OR_RETURN(const Caller* caller,
                     AuthenticateCall(authenticator_, call.context()));
    RETURN_IF_ERROR(
        CheckRole(*caller, method.mutates() ? v1::WRITER : v1::READER));
    const Message& request = call.request();
    const FieldDescriptor* app_id =
        request.GetDescriptor()->FindFieldByName("app_id");
    ASSIGN_OR_RETURN(
        context->app_id,
        ChooseApp(*caller, request.GetReflection()->GetUInt64(request, app_id),
                  backends_, "this gateway"));
    context->caller = caller->name;
    context->deadline = std::min(absl::FromChrono(call.context().deadline()),
                                 absl::Now() + options_.call_time_max);
    return absl::OkStatus();
  }

  absl::Status StartStream(ServerStream& stream) {
    ASSIGN_OR_RETURN(const Caller* caller,
                     AuthenticateCall(authenticator_, stream.context()));
    return events_.Subscribe(*caller, stream);
  }

  static std::set<uint64_t> IdsOf(const std::map<uint64_t, Backend*>& apps) {
    std::set<uint64_t> ids;
    for (const auto& [id, backend] : apps) ids.insert(id);
    return ids;
  }

  RpcService service_;
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
      *descriptor, std::move(authenticator), std::move(backends),
      std::move(methods), log, hub, clock, options);
}

}  // namespace chatgate
