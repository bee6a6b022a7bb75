#ifndef CHATGATE_WEBHOOK_EVENT_INTAKE_H_
#define CHATGATE_WEBHOOK_EVENT_INTAKE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/event_log/event_sink.h"
#include "webhook/http_message.h"
#include "webhook/webhook_counters.h"

namespace chatgate {

// The last step of every receiver: an event goes to the log, and the sender is
// answered 200 only once it is on stable storage.
//
// Errors:  413 for an event that the log finds too large; 503 with Retry-After
//          when the log is full, refuses, or does not answer in time. The event
//          may be stored all the same in the last case; the sender's repetition
//          is then recognised.
// Threads:  any; nobody waits.
// Lifetime: until the last answer was made: the HTTP server ends before.
class EventIntake {
 public:
  EventIntake(EventSink& sink, const WebhookCounters& counters,
              absl::Duration store_time_max)
      : sink_(sink), counters_(counters), store_time_max_(store_time_max) {}

  // The answer comes later. `source` and `hook` are for the counter, and live
  // for ever.
  HttpResponse Store(absl::string_view source, absl::string_view hook,
                     NewEvent event) const;

 private:
  HttpResponse Answer(absl::string_view source, absl::string_view hook,
                      bool understood,
                      const absl::StatusOr<Appended>& appended) const;

  EventSink& sink_;                  // Outlives this.
  const WebhookCounters& counters_;  // Outlives this.
  const absl::Duration store_time_max_;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_EVENT_INTAKE_H_
