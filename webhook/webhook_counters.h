#ifndef CHATGATE_WEBHOOK_WEBHOOK_COUNTERS_H_
#define CHATGATE_WEBHOOK_WEBHOOK_COUNTERS_H_

#include <array>
#include <map>

#include "absl/strings/string_view.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/registry.h"
#include "server/base/mutex.h"

namespace chatgate {

// chatgate_webhooks_total{source,hook,result}: what became of each webhook.
// `hook` is `unknown` until the sender has proved who it is.
// Threads: any.
class WebhookCounters {
 public:
  explicit WebhookCounters(prometheus::Registry& registry);

  // Each argument is one of a few words of ours that live for ever, never of
  // the sender's.
  void Count(absl::string_view source, absl::string_view hook,
             absl::string_view result) const ABSL_LOCKS_EXCLUDED(mu_);

  // Counts a request that got no further than its body.
  void CountUnread(absl::string_view source, int status) const;

 private:
  using Labels = std::array<absl::string_view, 3>;

  prometheus::Family<prometheus::Counter>& family_;  // Outlives this.
  mutable Mutex mu_;
  // Looking one up in the family costs as much as reading a small body.
  mutable std::map<Labels, prometheus::Counter*> counters_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_WEBHOOK_COUNTERS_H_
