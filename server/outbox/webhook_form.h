#ifndef CHATGATE_SERVER_OUTBOX_WEBHOOK_FORM_H_
#define CHATGATE_SERVER_OUTBOX_WEBHOOK_FORM_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "chatgate/v1/events.pb.h"
#include "chatgate/v1/operations.pb.h"

namespace chatgate {

// An event of the embedded platform as a webhook of Dashly's.
struct WebhookForm {
  v1::WebhookDeliveryKind kind = v1::WEBHOOK_DELIVERY_KIND_UNSPECIFIED;
  std::string lane;         // What it is in order with.
  uint64_t subject_id = 0;  // The part or the user event.
  std::string body;  // Form fields without the token, which is no content.
};

// True where the event is one that some target may want: a message of a lead or
// an operator, or a user event, made by the embedded platform itself. What a
// Dashly webhook told us is never sent on.
bool IsWebhook(const v1::Event& event);

// `event` must be a webhook.
WebhookForm MakeWebhookForm(const v1::Event& event);

// `name=value` as a browser would write it; `&` before it where `form` is not
// empty.
void AppendFormField(absl::string_view name, absl::string_view value,
                     std::string* form);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_WEBHOOK_FORM_H_
