#ifndef CHATGATE_SERVER_OUTBOX_WEBHOOK_OPERATIONS_H_
#define CHATGATE_SERVER_OUTBOX_WEBHOOK_OPERATIONS_H_

#include <cstdint>
#include <functional>
#include <set>

#include "absl/status/status.h"
#include "chatgate/v1/operations.pb.h"

namespace chatgate {

// What operators can see of the webhooks on their way out, and do about them;
// operations.proto explains each call. `app_ids` are the apps whose targets the
// caller may see; empty: all.
//
// Threads: any; a call hands over at once and never blocks. `done` is called
//          exactly once, from another thread or, for a call refused at once,
//          from the calling one; it must not block. `request` and `response`
//          live until then.
// Errors:  statuses made by error_table.h, or the store's.
class WebhookOperations {
 public:
  using AppIds = std::set<uint64_t>;
  using Done = std::function<void(absl::Status)>;

  virtual ~WebhookOperations() = default;

  virtual void ListTargets(const AppIds& app_ids,
                           const v1::ListWebhookTargetsRequest& request,
                           v1::ListWebhookTargetsResponse* response,
                           Done done) = 0;
  virtual void ListDeliveries(const AppIds& app_ids,
                              const v1::ListWebhookDeliveriesRequest& request,
                              v1::ListWebhookDeliveriesResponse* response,
                              Done done) = 0;
  virtual void Resend(const AppIds& app_ids,
                      const v1::ResendWebhookDeliveryRequest& request,
                      v1::ResendWebhookDeliveryResponse* response,
                      Done done) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_WEBHOOK_OPERATIONS_H_
