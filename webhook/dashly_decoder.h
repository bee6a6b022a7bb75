#ifndef CHATGATE_WEBHOOK_DASHLY_DECODER_H_
#define CHATGATE_WEBHOOK_DASHLY_DECODER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/event_log/event_sink.h"
#include "webhook/form_body.h"

namespace chatgate {

// A webhook of Dashly, from a sender who proved to belong to `app_id`, as an
// event. `body` is free of secrets already: it is kept as `raw`, and nothing of
// the event comes from elsewhere.
//
//   type=conversation     dashly_conversation, of the part's conversation
//   type=event            dashly_event
//   type=message_webhook  dashly_message_webhook, of the conversation it began
//
// Never fails: what cannot be understood is an Unrecognized event that says
// why. A key tells repetitions apart (docs/events.md); where the sender gives
// no id, the fingerprint of the body marks possible ones.
NewEvent DecodeDashly(uint64_t app_id, absl::string_view content_type,
                      std::string body);

// The same, of a body that has been read already: what the event says comes
// from `fields`, of which `token` is left out; `body` is only kept.
NewEvent DecodeDashly(uint64_t app_id, absl::string_view content_type,
                      std::string body, const FormFields& fields);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_DASHLY_DECODER_H_
