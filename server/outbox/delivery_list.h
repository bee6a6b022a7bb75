#ifndef CHATGATE_SERVER_OUTBOX_DELIVERY_LIST_H_
#define CHATGATE_SERVER_OUTBOX_DELIVERY_LIST_H_

#include <cstdint>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chatgate/v1/operations.pb.h"
#include "server/outbox/outbox_target.h"
#include "server/store/database.h"

namespace chatgate {

// The targets of these apps (empty: all), in the order that operations.proto
// promises. `configured`: those of the configuration.
absl::Status ReadTargets(Connection& connection,
                         const std::set<uint64_t>& app_ids,
                         const std::vector<OutboxTarget>& configured,
                         absl::Time now,
                         v1::ListWebhookTargetsResponse* response);

struct DeliveryFilter {
  std::set<uint64_t> app_ids;  // Empty: all.
  int64_t target_id = 0;       // 0: all.
  v1::WebhookDeliveryState state = v1::WEBHOOK_DELIVERY_STATE_UNSPECIFIED;
  int64_t after_id = 0;
  int deliveries_max = 0;
};

// One page of deliveries. Examines at most 10,000.
absl::Status ReadDeliveries(Connection& connection,
                            const DeliveryFilter& filter,
                            v1::ListWebhookDeliveriesResponse* response);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_DELIVERY_LIST_H_
