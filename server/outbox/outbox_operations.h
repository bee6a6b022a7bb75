#ifndef CHATGATE_SERVER_OUTBOX_OUTBOX_OPERATIONS_H_
#define CHATGATE_SERVER_OUTBOX_OUTBOX_OPERATIONS_H_

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "server/base/clock.h"
#include "server/outbox/delivery_table.h"
#include "server/outbox/outbox_target.h"
#include "server/outbox/webhook_operations.h"
#include "server/store/store.h"

namespace chatgate {

// The operations on the outbox's tables.
class OutboxOperations final : public WebhookOperations {
 public:
  // `targets`: those of the configuration. `wake` is called with the id of a
  // target for which something may be due, from the store's writer thread.
  OutboxOperations(Store& store, const Clock& clock,
                   const std::vector<OutboxTarget>& targets,
                   const DeliveryLimits& limits,
                   std::function<void(int64_t)> wake);

  void ListTargets(const AppIds& app_ids,
                   const v1::ListWebhookTargetsRequest& request,
                   v1::ListWebhookTargetsResponse* response,
                   Done done) override;
  void ListDeliveries(const AppIds& app_ids,
                      const v1::ListWebhookDeliveriesRequest& request,
                      v1::ListWebhookDeliveriesResponse* response,
                      Done done) override;
  void Resend(const AppIds& app_ids,
              const v1::ResendWebhookDeliveryRequest& request,
              v1::ResendWebhookDeliveryResponse* response, Done done) override;

 private:
  // One work of a resend; the next one follows where it was not the last.
  void ResendBatch(const std::set<int64_t>& allowed,
                   const v1::ResendWebhookDeliveryRequest& request,
                   v1::ResendWebhookDeliveryResponse* response, Done done);
  void WakeAll(const std::set<int64_t>& target_ids) const;

  Store& store_;                              // Outlives this.
  const Clock& clock_;                        // Outlives this.
  const std::vector<OutboxTarget>& targets_;  // Outlives this.
  const DeliveryLimits limits_;
  const std::function<void(int64_t)> wake_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_OUTBOX_OPERATIONS_H_
