#ifndef CHATGATE_WEBHOOK_WEBHOOK_COUNTERS_H_
#define CHATGATE_WEBHOOK_WEBHOOK_COUNTERS_H_

#include "absl/strings/string_view.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/registry.h"

namespace chatgate {

// chatgate_webhooks_total{source,hook,result}: what became of each webhook.
// `hook` is `unknown` until the sender has proved who it is.
// Threads: any.
class WebhookCounters {
 public:
  explicit WebhookCounters(prometheus::Registry& registry);

  // Each argument is one of a few words of ours, never of the sender's.
  void Count(absl::string_view source, absl::string_view hook,
             absl::string_view result) const;

  // Counts a request that got no further than its body.
  void CountUnread(absl::string_view source, int status) const;

 private:
  prometheus::Family<prometheus::Counter>& family_;  // Outlives this.
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_WEBHOOK_COUNTERS_H_
