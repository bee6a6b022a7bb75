#include "server/outbox/outbox_operations.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/outbox/delivery_list.h"

namespace chatgate {
namespace {

constexpr int kIdsMax = 1000;
constexpr size_t kResendBatch = 500;  // So that others get to write.
constexpr int kPageDefault = 50;
constexpr int kPageMax = 1000;

bool MaySee(const WebhookOperations::AppIds& app_ids, uint64_t app_id) {
  return app_ids.empty() || app_ids.contains(app_id);
}

}  // namespace

OutboxOperations::OutboxOperations(Store& store, const Clock& clock,
                                   const std::vector<OutboxTarget>& targets,
                                   const DeliveryLimits& limits,
                                   std::function<void(int64_t)> wake)
    : store_(store),
      clock_(clock),
      targets_(targets),
      limits_(limits),
      wake_(std::move(wake)) {}

void OutboxOperations::ListTargets(const AppIds& app_ids,
                                   const v1::ListWebhookTargetsRequest& request,
                                   v1::ListWebhookTargetsResponse* response,
                                   Done done) {
  AppIds wanted = app_ids;
  if (request.app_id() != 0) {
    if (!MaySee(app_ids, request.app_id())) return done(absl::OkStatus());
    wanted = {request.app_id()};
  }
  store_.SubmitRead(
      [this, wanted = std::move(wanted), response,
       done = std::move(done)](const absl::StatusOr<Connection*>& connection) {
        done(connection.ok() ? ReadTargets(**connection, wanted, targets_,
                                           clock_.Now(), response)
                             : connection.status());
      });
}

void OutboxOperations::ListDeliveries(
    const AppIds& app_ids, const v1::ListWebhookDeliveriesRequest& request,
    v1::ListWebhookDeliveriesResponse* response, Done done) {
  DeliveryFilter filter;
  filter.app_ids = app_ids;
  filter.target_id = static_cast<int64_t>(request.target_id());
  filter.state = request.state();
  if (request.page_size() < 0) {
    return done(InvalidField("page_size", "must not be negative"));
  }
  filter.deliveries_max = request.page_size() == 0
                              ? kPageDefault
                              : std::min(request.page_size(), kPageMax);
  const std::string& token = request.page_token();
  if (!token.empty() &&
      (!std::all_of(token.begin(), token.end(), absl::ascii_isdigit) ||
       !absl::SimpleAtoi(token, &filter.after_id))) {
    return done(InvalidField("page_token", "is none of this gateway's"));
  }
  if (!v1::WebhookDeliveryState_IsValid(request.state())) {
    return done(InvalidField("state", "is unknown"));
  }
  store_.SubmitRead([filter, response, done = std::move(done)](
                        const absl::StatusOr<Connection*>& connection) {
    done(connection.ok() ? ReadDeliveries(**connection, filter, response)
                         : connection.status());
  });
}

void OutboxOperations::Resend(const AppIds& app_ids,
                              const v1::ResendWebhookDeliveryRequest& request,
                              v1::ResendWebhookDeliveryResponse* response,
                              Done done) {
  if (request.delivery_ids().empty() == (request.target_id() == 0)) {
    return done(InvalidField("delivery_ids", "set either it or target_id"));
  }
  if (request.delivery_ids_size() > kIdsMax) {
    return done(InvalidField("delivery_ids", "more than 1,000"));
  }
  std::set<int64_t> allowed;
  for (const OutboxTarget& target : targets_) {
    if (MaySee(app_ids, target.app_id)) allowed.insert(target.id);
  }
  if (request.target_id() != 0) {
    const auto target_id = static_cast<int64_t>(request.target_id());
    if (!allowed.contains(target_id)) {
      return done(MakeError("LookupError",
                            "no target of the configuration has this id"));
    }
    allowed = {target_id};
  }
  ResendBatch(allowed, request, response, std::move(done));
}

void OutboxOperations::ResendBatch(
    const std::set<int64_t>& allowed,
    const v1::ResendWebhookDeliveryRequest& request,
    v1::ResendWebhookDeliveryResponse* response, Done done) {
  struct Progress {
    int64_t resent = 0;
    bool more = false;
  };
  auto progress = std::make_shared<Progress>();
  auto work = [this, allowed, &request, response,
               progress](Transaction& transaction) -> absl::Status {
    std::vector<int64_t> ids(request.delivery_ids().begin(),
                             request.delivery_ids().end());
    if (request.target_id() != 0) {
      ASSIGN_OR_RETURN(
          ids, delivery_table::FindFailed(transaction.connection(),
                                          *allowed.begin(), kResendBatch));
      progress->more = ids.size() == kResendBatch;
    }
    for (const int64_t id : ids) {
      const absl::StatusOr<bool> resent = delivery_table::Resend(
          transaction, id, allowed, clock_.Now(), limits_);
      if (absl::IsResourceExhausted(resent.status())) {
        progress->more = false;
        // Some is a success, with a count that says how many.
        if (progress->resent + response->resent() == 0) return resent.status();
        break;
      }
      if (!resent.ok()) return resent.status();
      progress->resent += *resent ? 1 : 0;
    }
    return absl::OkStatus();
  };
  store_.Submit(std::move(work),
                [this, allowed, &request, response, progress,
                 done = std::move(done)](const absl::Status& status) {
                  if (!status.ok()) return done(status);
                  response->set_resent(response->resent() + progress->resent);
                  WakeAll(allowed);
                  if (!progress->more) return done(absl::OkStatus());
                  ResendBatch(allowed, request, response, done);
                });
}

void OutboxOperations::WakeAll(const std::set<int64_t>& target_ids) const {
  for (const int64_t id : target_ids) wake_(id);
}

}  // namespace chatgate
