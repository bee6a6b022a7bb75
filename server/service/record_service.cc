#include "server/service/record_service.h"

#include <utility>

#include "chatgate/v1/records.grpc.pb.h"
#include "server/base/status_macros.h"
#include "server/service/admission.h"
#include "server/service/errors.h"

namespace chatgate {
namespace {

class RecordServiceImpl final : public RecordService,
                                private v1::RecordService::CallbackService {
 public:
  RecordServiceImpl(Authenticator authenticator,
                    std::map<uint64_t, Backend*> backends)
      : authenticator_(std::move(authenticator)),
        backends_(std::move(backends)) {}

  grpc::Service& service() override { return *this; }

 private:
  using Reactor = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;

  Reactor* ExportRecords(Context* context,
                         const v1::ExportRecordsRequest* request,
                         v1::ExportRecordsResponse* response) override {
    return Forward(context, *request, response);
  }
  Reactor* ImportRecords(Context* context,
                         const v1::ImportRecordsRequest* request,
                         v1::ImportRecordsResponse* response) override {
    return Forward(context, *request, response);
  }

  // The request, the response and the context live until the reactor finishes,
  // also when the call is cancelled before.
  template <typename Request, typename Response>
  Reactor* Forward(Context* context, const Request& request,
                   Response* response) {
    Reactor* reactor = context->DefaultReactor();
    CallContext call;
    const absl::Status admitted = Admit(*context, request.app_id(), &call);
    if (!admitted.ok()) {
      reactor->Finish(ToGrpcStatus(admitted));
      return reactor;
    }
    backends_.at(call.app_id)
        ->Call(call, request, response, [reactor](const absl::Status& status) {
          reactor->Finish(ToGrpcStatus(status));
        });
    return reactor;
  }

  absl::Status Admit(const Context& context, uint64_t app_id,
                     CallContext* call) const {
    ASSIGN_OR_RETURN(const Caller* caller,
                     AuthenticateCall(authenticator_, context));
    RETURN_IF_ERROR(CheckRole(*caller, v1::ADMIN));
    call->caller = caller->name;
    ASSIGN_OR_RETURN(call->app_id, ChooseApp(*caller, app_id, backends_,
                                             "the embedded platform"));
    return absl::OkStatus();
  }

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
