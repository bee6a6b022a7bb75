#include "server/service/operations_service.h"

#include <iterator>
#include <utility>

#include "chatgate/v1/operations.grpc.pb.h"
#include "server/base/status_macros.h"
#include "server/service/errors.h"

namespace chatgate {
namespace {

class OperationsServiceImpl final
    : public OperationsService,
      private v1::OperationsService::CallbackService {
 public:
  OperationsServiceImpl(Authenticator authenticator,
                        WebhookOperations& webhooks)
      : authenticator_(std::move(authenticator)), webhooks_(webhooks) {}

  grpc::Service& service() override { return *this; }

 private:
  using Reactor = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;

  Reactor* ListWebhookTargets(
      Context* context, const v1::ListWebhookTargetsRequest* request,
      v1::ListWebhookTargetsResponse* response) override {
    return Forward(context, &WebhookOperations::ListTargets, *request,
                   response);
  }
  Reactor* ListWebhookDeliveries(
      Context* context, const v1::ListWebhookDeliveriesRequest* request,
      v1::ListWebhookDeliveriesResponse* response) override {
    return Forward(context, &WebhookOperations::ListDeliveries, *request,
                   response);
  }
  Reactor* ResendWebhookDelivery(
      Context* context, const v1::ResendWebhookDeliveryRequest* request,
      v1::ResendWebhookDeliveryResponse* response) override {
    return Forward(context, &WebhookOperations::Resend, *request, response);
  }

  // The request, the response and the context live until the reactor finishes,
  // also when the call is cancelled before.
  template <typename Operation, typename Request, typename Response>
  Reactor* Forward(Context* context, Operation operation,
                   const Request& request, Response* response) {
    Reactor* reactor = context->DefaultReactor();
    const absl::StatusOr<const Caller*> caller = Admit(*context);
    if (!caller.ok()) {
      reactor->Finish(ToGrpcStatus(caller.status()));
      return reactor;
    }
    (webhooks_.*operation)((*caller)->app_ids, request, response,
                           [reactor](const absl::Status& status) {
                             reactor->Finish(ToGrpcStatus(status));
                           });
    return reactor;
  }

  absl::StatusOr<const Caller*> Admit(const Context& context) const {
    const auto [begin, end] =
        context.client_metadata().equal_range("authorization");
    // Of two headers nobody could say which one counts.
    if (begin == end || std::next(begin) != end) {
      return ServiceError(Reason::kUnauthenticated,
                          "send the metadata `authorization: Bearer TOKEN`");
    }
    ASSIGN_OR_RETURN(const Caller* caller,
                     authenticator_.Authenticate(absl::string_view(
                         begin->second.data(), begin->second.size())));
    RETURN_IF_ERROR(CheckRole(*caller, v1::ADMIN));
    return caller;
  }

  const Authenticator authenticator_;
  WebhookOperations& webhooks_;  // Outlives this.
};

}  // namespace

std::unique_ptr<OperationsService> OperationsService::Create(
    Authenticator authenticator, WebhookOperations& webhooks) {
  return std::make_unique<OperationsServiceImpl>(std::move(authenticator),
                                                 webhooks);
}

}  // namespace chatgate
