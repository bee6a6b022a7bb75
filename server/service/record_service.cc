#include "server/service/record_service.h"

#include <utility>

#include "chatgate/v1/records.pb.h"
#include "server/base/status_macros.h"
#include "server/rpc/rpc_service.h"
#include "server/rpc/unary_call.h"
#include "server/service/admission.h"
#include "server/service/errors.h"

namespace chatgate {
namespace {

class RecordServiceImpl final : public RecordService {
 public:
  RecordServiceImpl(Authenticator authenticator,
                    std::map<uint64_t, Backend*> backends)
      : service_(
            *v1::ExportRecordsRequest::descriptor()->file()->FindServiceByName(
                "RecordService")),
        authenticator_(std::move(authenticator)),
        backends_(std::move(backends)) {
    RefuseUnreadableCalls(authenticator_, &service_);
    service_.OnCall("ExportRecords", [this](UnaryCall& call) {
      Forward<v1::ExportRecordsRequest>(call);
    });
    service_.OnCall("ImportRecords", [this](UnaryCall& call) {
      Forward<v1::ImportRecordsRequest>(call);
    });
  }

  const RpcService& service() const override { return service_; }

 private:
  template <typename Request>
  void Forward(UnaryCall& call) {
    const auto& request = static_cast<const Request&>(call.request());
    CallContext context;
    const absl::Status admitted =
        Admit(call.context(), request.app_id(), &context);
    if (!admitted.ok()) return call.Finish(ToGrpcStatus(admitted));
    backends_.at(context.app_id)
        ->Call(context, request, call.response(),
               [&call](const absl::Status& status) {
                 call.Finish(ToGrpcStatus(status));
               });
  }

  absl::Status Admit(const grpc::ServerContext& context, uint64_t app_id,
                     CallContext* call) const {
    ASSIGN_OR_RETURN(const Caller* caller,
                     AuthenticateCall(authenticator_, context));
    RETURN_IF_ERROR(CheckRole(*caller, v1::ADMIN));
    call->caller = caller->name;
    ASSIGN_OR_RETURN(call->app_id, ChooseApp(*caller, app_id, backends_,
                                             "the embedded platform"));
    return absl::OkStatus();
  }

  RpcService service_;
  const Authenticator authenticator_;
  const std::map<uint64_t, Backend*> backends_;
};

}  // namespace

std::unique_ptr<RecordService> RecordService::Create(
    Authenticator authenticator, std::map<uint64_t, Backend*> backends) {
  return std::make_unique<RecordServiceImpl>(std::move(authenticator),
                                             std::move(backends));
}

}  // namespace chatgate
