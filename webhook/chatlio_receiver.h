#ifndef CHATGATE_WEBHOOK_CHATLIO_RECEIVER_H_
#define CHATGATE_WEBHOOK_CHATLIO_RECEIVER_H_

#include "webhook/event_intake.h"
#include "webhook/http_message.h"
#include "webhook/route_table.h"
#include "webhook/secret_table.h"
#include "webhook/webhook_counters.h"

namespace chatgate {

// POST /webhooks/chatlio/{secret}/{hook}. Chatlio sends no token, so a secret
// in the path proves the sender and selects the app.
//
// Errors:  401 for a wrong secret; 404 for an unknown hook under a right one;
//          those of EventIntake. Every body under a right path is kept.
// Threads: any.
class ChatlioReceiver {
 public:
  ChatlioReceiver(SecretTable secrets, const EventIntake& intake,
                  const WebhookCounters& counters)
      : secrets_(std::move(secrets)), intake_(intake), counters_(counters) {}

  // The routes refer to this.
  void AddTo(RouteTable* routes);

  HttpResponse Receive(const HttpRequest& request) const;

 private:
  const SecretTable secrets_;
  const EventIntake& intake_;        // Outlives this.
  const WebhookCounters& counters_;  // Outlives this.
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_CHATLIO_RECEIVER_H_
