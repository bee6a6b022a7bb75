#include "server/service/operations_service.h"

#include <atomic>
#include <utility>

#include "chatgate/v1/operations.grpc.pb.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
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

// Ends at once.
class RefusedWatch final
    : public grpc::ServerWriteReactor<v1::WatchBudgetResponse> {
 public:
  explicit RefusedWatch(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

class OperationsServiceImpl final
    : public OperationsService,
      private v1::OperationsService::CallbackService {
 public:
  OperationsServiceImpl(Authenticator authenticator,
                        WebhookOperations& webhooks, BudgetOperations* budgets)
      : authenticator_(std::move(authenticator)),
        webhooks_(webhooks),
        budgets_(budgets != nullptr ? *budgets : none_) {}

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

  Reactor* GetBudget(Context* context, const v1::GetBudgetRequest* request,
                     v1::GetBudgetResponse* response) override {
    Reactor* reactor = context->DefaultReactor();
    const absl::StatusOr<const Caller*> caller = Admit(*context, v1::READER);
    const absl::Status status =
        caller.ok() ? budgets_.Get((*caller)->app_ids, request->app_id(),
                                   response->mutable_budget())
                    : caller.status();
    reactor->Finish(ToGrpcStatus(status));
    return reactor;
  }
  Reactor* ListSpending(Context* context,
                        const v1::ListSpendingRequest* request,
                        v1::ListSpendingResponse* response) override {
    Reactor* reactor = context->DefaultReactor();
    const auto done = [reactor](const absl::Status& status) {
      reactor->Finish(ToGrpcStatus(status));
    };
    const absl::StatusOr<const Caller*> caller = Admit(*context, v1::READER);
    if (!caller.ok()) {
      done(caller.status());
    } else {
      budgets_.ListSpending((*caller)->app_ids, *request, response, done);
    }
    return reactor;
  }
  grpc::ServerWriteReactor<v1::WatchBudgetResponse>* WatchBudget(
      Context* context, const v1::WatchBudgetRequest* request) override {
    const absl::StatusOr<const Caller*> caller = Admit(*context, v1::READER);
    absl::Status refused = caller.status();
    if (refused.ok() && watches_.fetch_add(1) >= kWatchesMax) {
      watches_.fetch_sub(1);
      refused = ServiceError(Reason::kOverloaded, "too many watch budgets");
    }
    if (!refused.ok()) return new RefusedWatch(ToGrpcStatus(refused));
    return BudgetWatch::Start(
        [this, app_ids = (*caller)->app_ids,
         app_id = request->app_id()](v1::Budget* budget) {
          return budgets_.Get(app_ids, app_id, budget);
        },
        request->interval_ms(), watches_);
  }

  // The request, the response and the context live until the reactor finishes,
  // also when the call is cancelled before.
  template <typename Operation, typename Request, typename Response>
  Reactor* Forward(Context* context, Operation operation,
                   const Request& request, Response* response) {
    Reactor* reactor = context->DefaultReactor();
    const absl::StatusOr<const Caller*> caller = Admit(*context, v1::ADMIN);
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

  absl::StatusOr<const Caller*> Admit(const Context& context,
                                      v1::Role needed) const {
    ASSIGN_OR_RETURN(const Caller* caller,
                     AuthenticateCall(authenticator_, context));
    RETURN_IF_ERROR(CheckRole(*caller, needed));
    return caller;
  }

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
