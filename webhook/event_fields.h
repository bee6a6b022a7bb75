#ifndef CHATGATE_WEBHOOK_EVENT_FIELDS_H_
#define CHATGATE_WEBHOOK_EVENT_FIELDS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/event_log/event_sink.h"

namespace chatgate {

// Makes `event` one that was not understood. `hook` is a path without secrets;
// the body, which must be in `raw` by now, tells a repetition.
void SetUnrecognized(absl::string_view hook, absl::string_view reason,
                     absl::string_view content_type, NewEvent* event);

// INVALID_ARGUMENT: the body grew so much in decoding that the log would refuse
// the event. It is kept as it came then.
absl::Status CheckFits(const NewEvent& event);

// Sets `occurred_time`, unless the time is none that a Timestamp can hold.
void SetOccurred(absl::Time time, v1::Event* event);

// Seconds since 1970; 0 is "not said".
void SetOccurredSeconds(int64_t seconds, v1::Event* event);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_EVENT_FIELDS_H_
