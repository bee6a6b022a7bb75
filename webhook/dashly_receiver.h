#ifndef CHATGATE_WEBHOOK_DASHLY_RECEIVER_H_
#define CHATGATE_WEBHOOK_DASHLY_RECEIVER_H_

#include "webhook/event_intake.h"
#include "webhook/http_message.h"
#include "webhook/route_table.h"
#include "webhook/secret_table.h"
#include "webhook/webhook_counters.h"

namespace chatgate {

// POST /webhooks/dashly. The field `token` proves the sender and selects the
// app; it is blanked before anything else looks at the body. One of under eight
// characters, which stands in ids and words by chance, is blanked in the body
// that is kept, and what the event says is left alone.
//
// Errors:  400 for what is no form, 401 for a wrong or missing token, and those
//          of EventIntake. What is authentic is kept, understood or not.
// Threads: any.
class DashlyReceiver {
 public:
  DashlyReceiver(SecretTable tokens, const EventIntake& intake,
                 const WebhookCounters& counters)
      : tokens_(std::move(tokens)), intake_(intake), counters_(counters) {}

  // The routes refer to this.
  void AddTo(RouteTable* routes);

  HttpResponse Receive(const HttpRequest& request) const;

 private:
  const SecretTable tokens_;
  const EventIntake& intake_;        // Outlives this.
  const WebhookCounters& counters_;  // Outlives this.
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_DASHLY_RECEIVER_H_
