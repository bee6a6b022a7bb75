#include "webhook/dashly_decoder.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "webhook/event_fields.h"
#include "webhook/fingerprint.h"
#include "webhook/form_body.h"

namespace chatgate {
namespace {

// Names that are no content.
const std::vector<absl::string_view>& Envelope() {
  static const auto* const names =
      new std::vector<absl::string_view>{"type", "token"};
  return *names;
}

// The last field of that name counts, as in ReadFields.
absl::string_view FieldOf(const FormFields& fields, absl::string_view name) {
  absl::string_view value;
  for (const auto& [key, text] : fields) {
    if (key == name) value = text;
  }
  return value;
}

std::string ConversationText(uint64_t id) {
  return absl::StrCat("dashly:", id);
}

// Ways to say that there is none, as encoders of forms write them. To take one
// for an id would make all such events repetitions of the first.
bool SaysNone(absl::string_view id) {
  return id.empty() || absl::EqualsIgnoreCase(id, "null") ||
         absl::EqualsIgnoreCase(id, "none") ||
         absl::EqualsIgnoreCase(id, "undefined");
}

// The id of an event: the form's, which is a number everywhere so far, or else
// the fingerprint of the text; 0 when it says none.
uint64_t EventIdOf(const FormFields& fields, const v1::UserEvent& event) {
  const absl::string_view text =
      absl::StripAsciiWhitespace(FieldOf(fields, "event_id"));
  if (SaysNone(text)) return event.id();
  uint64_t id = 0;
  if (!absl::SimpleAtoi(text, &id)) return Fingerprint({text});
  return id != 0 ? id : event.id();
}

DedupeKey KeyOf(const NewEvent& event, v1::EventKind kind, uint64_t id,
                uint64_t revision) {
  return {event.event.app_id(), v1::EVENT_SOURCE_DASHLY, kind, id, revision};
}

absl::Status DecodeConversation(const FormFields& fields, NewEvent* event) {
  v1::DashlyConversation* payload = event->event.mutable_dashly_conversation();
  RETURN_IF_ERROR(ReadFields(fields, payload, Envelope()));
  const v1::ConversationPart& part = payload->conversation();
  if (part.id() == 0) {
    return absl::InvalidArgumentError("the part has no id");
  }
  if (part.conversation() == 0) {
    return absl::InvalidArgumentError("the part belongs to no conversation");
  }
  event->event.set_conversation(ConversationText(part.conversation()));
  SetOccurredSeconds(part.created(), &event->event);
  // An edited part has the id of the first one, and is news all the same.
  const bool revised = !part.edited().empty() || !part.removed().empty();
  event->key =
      KeyOf(*event, v1::EVENT_KIND_DASHLY_CONVERSATION, part.id(),
            revised ? Fingerprint({part.edited(), part.removed()}) : 0);
  return absl::OkStatus();
}

absl::Status DecodeEvent(const FormFields& fields, NewEvent* event) {
  v1::DashlyEvent* payload = event->event.mutable_dashly_event();
  RETURN_IF_ERROR(ReadFields(fields, payload, Envelope()));
  SetOccurredSeconds(payload->event().created(), &event->event);
  if (uint64_t id = EventIdOf(fields, payload->event()); id != 0) {
    event->key = KeyOf(*event, v1::EVENT_KIND_DASHLY_EVENT, id, 0);
  }
  return absl::OkStatus();
}

absl::Status DecodeMessageWebhook(const FormFields& fields, NewEvent* event) {
  v1::DashlyMessageWebhook* payload =
      event->event.mutable_dashly_message_webhook();
  RETURN_IF_ERROR(ReadFields(fields, payload, Envelope()));
  SetOccurredSeconds(payload->event().created(), &event->event);
  if (payload->sending_id() != 0) {
    event->event.set_conversation(ConversationText(payload->sending_id()));
  }
  if (uint64_t id = EventIdOf(fields, payload->event()); id != 0) {
    // One event may trigger several messages; each is told with its event's id.
    const absl::string_view message = FieldOf(fields, "message_id");
    event->key = KeyOf(*event, v1::EVENT_KIND_DASHLY_MESSAGE_WEBHOOK, id,
                       message.empty() ? 0 : Fingerprint({message}));
  }
  return absl::OkStatus();
}

absl::Status Decode(const FormFields& fields, NewEvent* event) {
  const absl::string_view type = FieldOf(fields, "type");
  if (type == "conversation") return DecodeConversation(fields, event);
  if (type == "event") return DecodeEvent(fields, event);
  if (type == "message_webhook") return DecodeMessageWebhook(fields, event);
  return absl::InvalidArgumentError(type.empty() ? "it has no type"
                                                 : "its type is unknown");
}

NewEvent DecodeRead(uint64_t app_id, absl::string_view content_type,
                    std::string body,
                    const absl::StatusOr<const FormFields*>& fields) {
  NewEvent event;
  event.event.set_app_id(app_id);
  event.event.set_source(v1::EVENT_SOURCE_DASHLY);
  event.raw = std::move(body);
  absl::Status status =
      fields.ok() ? Decode(**fields, &event) : fields.status();
  if (status.ok()) status = CheckFits(event);
  if (!status.ok()) {
    SetUnrecognized("dashly", status.message(), content_type, &event);
  } else if (!event.key) {
    event.content_fingerprint = Fingerprint({"dashly", event.raw});
  }
  return event;
}

}  // namespace

NewEvent DecodeDashly(uint64_t app_id, absl::string_view content_type,
                      std::string body) {
  const absl::StatusOr<FormFields> fields = ReadFormBody(content_type, body);
  if (fields.ok()) {
    return DecodeDashly(app_id, content_type, std::move(body), *fields);
  }
  return DecodeRead(app_id, content_type, std::move(body), fields.status());
}

NewEvent DecodeDashly(uint64_t app_id, absl::string_view content_type,
                      std::string body, const FormFields& fields) {
  return DecodeRead(app_id, content_type, std::move(body), &fields);
}

}  // namespace chatgate
