#include "server/service/operations_service.h"

#include <atomic>
#include <utility>

#include "chatgate/v1/operations.pb.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/rpc/rpc_bytes.h"
#include "server/rpc/rpc_service.h"
#include "server/rpc/server_stream.h"
#include "server/rpc/unary_call.h"
#include "server/service/admission.h"
#include "server/service/budget_watch.h"
#include "server/service/errors.h"

namespace chatgate {
namespace {

constexpr int kWatchesMax = 256;  // WatchBudget under way.

// Of a gateway whose apps are all embedded.
class NoBudgets final : public BudgetOperations {
 public:
  absl::Status Get(const AppIds&, uint64_t, v1::Budget*) override {
    return MakeError("FAILED_PRECONDITION", "no app has a budget");
  }
  void ListSpending(const AppIds& app_ids, const v1::ListSpendingRequest&,
                    v1::ListSpendingResponse*, Done done) override {
    done(Get(app_ids, 0, nullptr));
  }
};

class OperationsServiceImpl final : public OperationsService {
 public:
  OperationsServiceImpl(Authenticator authenticator,
                        WebhookOperations& webhooks, BudgetOperations* budgets)
      : service_(*v1::GetBudgetRequest::descriptor()->file()->FindServiceByName(
            "OperationsService")),
        authenticator_(std::move(authenticator)),
        webhooks_(webhooks),
        budgets_(budgets != nullptr ? *budgets : none_) {
    RefuseUnreadableCalls(authenticator_, &service_);
    service_.OnCall("ListWebhookTargets", [this](UnaryCall& call) {
      Forward(&WebhookOperations::ListTargets, call);
    });
    service_.OnCall("ListWebhookDeliveries", [this](UnaryCall& call) {
      Forward(&WebhookOperations::ListDeliveries, call);
    });
    service_.OnCall("ResendWebhookDelivery", [this](UnaryCall& call) {
      Forward(&WebhookOperations::Resend, call);
    });
    service_.OnCall("GetBudget", [this](UnaryCall& call) { GetBudget(call); });
    service_.OnCall("ListSpending",
                    [this](UnaryCall& call) { ListSpending(call); });
    service_.OnStream("WatchBudget", [this](ServerStream& stream) {
      const absl::Status status = WatchBudget(stream);
      if (!status.ok()) stream.Finish(ToGrpcStatus(status));
    });
  }

  const RpcService& service() const override { return service_; }

 private:
  void GetBudget(UnaryCall& call) {
    const absl::StatusOr<const Caller*> caller =
        Admit(call.context(), v1::READER);
    if (!caller.ok()) return call.Finish(ToGrpcStatus(caller.status()));
    const auto& request =
        static_cast<const v1::GetBudgetRequest&>(call.request());
    auto* response = static_cast<v1::GetBudgetResponse*>(call.response());
    call.Finish(ToGrpcStatus(budgets_.Get((*caller)->app_ids, request.app_id(),
                                          response->mutable_budget())));
  }

  void ListSpending(UnaryCall& call) {
    const absl::StatusOr<const Caller*> caller =
        Admit(call.context(), v1::READER);
    if (!caller.ok()) return call.Finish(ToGrpcStatus(caller.status()));
    budgets_.ListSpending(
        (*caller)->app_ids,
        static_cast<const v1::ListSpendingRequest&>(call.request()),
        static_cast<v1::ListSpendingResponse*>(call.response()),
        [&call](const absl::Status& status) {
          call.Finish(ToGrpcStatus(status));
        });
  }

  absl::Status WatchBudget(ServerStream& stream) {
    ASSIGN_OR_RETURN(const Caller* caller, Admit(stream.context(), v1::READER));
    v1::WatchBudgetRequest request;
    if (!ParseByteBuffer(stream.request(), &request)) {
      return MakeError("BadRequest", WhyUnreadable(*request.GetDescriptor()));
    }
    if (watches_.fetch_add(1) >= kWatchesMax) {
      watches_.fetch_sub(1);
      return ServiceError(Reason::kOverloaded, "too many watch budgets");
    }
    BudgetWatch::Start(
        stream,
        [this, app_ids = caller->app_ids,
         app_id = request.app_id()](v1::Budget* budget) {
          return budgets_.Get(app_ids, app_id, budget);
        },
        request.interval_ms(), watches_);
    return absl::OkStatus();
  }

  template <typename Request, typename Response>
  void Forward(void (WebhookOperations::*operation)(
                   const WebhookOperations::AppIds&, const Request&, Response*,
                   WebhookOperations::Done),
               UnaryCall& call) {
    const absl::StatusOr<const Caller*> caller =
        Admit(call.context(), v1::ADMIN);
    if (!caller.ok()) return call.Finish(ToGrpcStatus(caller.status()));
    (webhooks_.*operation)((*caller)->app_ids,
                           static_cast<const Request&>(call.request()),
                           static_cast<Response*>(call.response()),
                           [&call](const absl::Status& status) {
                             call.Finish(ToGrpcStatus(status));
                           });
  }

  absl::StatusOr<const Caller*> Admit(const grpc::ServerContext& context,
                                      v1::Role needed) const {
    ASSIGN_OR_RETURN(const Caller* caller,
                     AuthenticateCall(authenticator_, context));
    RETURN_IF_ERROR(CheckRole(*caller, needed));
    return caller;
  }

  RpcService service_;
  const Authenticator authenticator_;
  WebhookOperations& webhooks_;  // Outlives this.
  NoBudgets none_;
  BudgetOperations& budgets_;     // Outlives this, or is `none_`.
  std::atomic<int> watches_ = 0;  // Under way.
};

}  // namespace

std::unique_ptr<OperationsService> OperationsService::Create(
    Authenticator authenticator, WebhookOperations& webhooks,
    BudgetOperations* budgets) {
  return std::make_unique<OperationsServiceImpl>(std::move(authenticator),
                                                 webhooks, budgets);
}

}  // namespace chatgate
