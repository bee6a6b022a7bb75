#ifndef CHATGATE_WEBHOOK_SSE_SSE_RECORD_H_
#define CHATGATE_WEBHOOK_SSE_SSE_RECORD_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "chatgate/v1/events.pb.h"

// The records of an event stream over HTTP, as docs/events.md has them. Each
// moves the position of its reader to `cursor`.
namespace chatgate {

// `event:` is the payload's name, such as `dashly_conversation`; `data:` the
// event as JSON on one line.
std::string EventRecordText(absl::string_view cursor, const v1::Event& event);

std::string GapRecordText(absl::string_view cursor, uint64_t first_seq,
                          uint64_t last_seq);

// A comment: no listener of a browser is called.
std::string HeartbeatRecordText(absl::string_view cursor, uint64_t head,
                                uint64_t lag);

// The last one: why the stream ends, and after how long to come again.
std::string EndRecordText(absl::string_view cursor, absl::string_view reason,
                          absl::Duration delay);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_SSE_SSE_RECORD_H_
