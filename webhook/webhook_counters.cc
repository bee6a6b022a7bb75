#include "webhook/webhook_counters.h"

#include <string>

namespace chatgate {

WebhookCounters::WebhookCounters(prometheus::Registry& registry)
    : family_(prometheus::BuildCounter()
                  .Name("chatgate_webhooks_total")
                  .Help("Webhooks by source, hook and what became of them")
                  .Register(registry)) {}

void WebhookCounters::Count(absl::string_view source, absl::string_view hook,
                            absl::string_view result) const {
  prometheus::Counter* counter = nullptr;
  {
    MutexLock lock(mu_);
    prometheus::Counter*& known = counters_[{source, hook, result}];
    if (known == nullptr) {
      known = &family_.Add({{"source", std::string(source)},
                            {"hook", std::string(hook)},
                            {"result", std::string(result)}});
    }
    counter = known;
  }
  counter->Increment();
}

void WebhookCounters::CountUnread(absl::string_view source, int status) const {
  Count(source, "unknown",
        status == 413   ? "too_large"
        : status == 408 ? "too_slow"
                        : "unreadable");
}

}  // namespace chatgate
