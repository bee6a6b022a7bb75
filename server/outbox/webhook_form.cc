#include "server/outbox/webhook_form.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/json/json_writer.h"

namespace chatgate {
namespace {

void AppendEncoded(absl::string_view text, std::string* form) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '*' || c == '-' || c == '.' ||
        c == '_') {
      *form += c;
    } else if (c == ' ') {
      *form += '+';
    } else {
      *form += '%';
      *form += kDigits[byte >> 4];
      *form += kDigits[byte & 15];
    }
  }
}

}  // namespace

void AppendFormField(absl::string_view name, absl::string_view value,
                     std::string* form) {
  if (!form->empty()) *form += '&';
  AppendEncoded(name, form);
  *form += '=';
  AppendEncoded(value, form);
}

bool IsWebhook(const v1::Event& event) {
  if (event.source() != v1::EVENT_SOURCE_EMBEDDED) return false;
  if (event.has_dashly_event()) return true;
  if (!event.has_dashly_conversation()) return false;
  const std::string& type = event.dashly_conversation().conversation().type();
  return type == "reply_user" || type == "reply_admin";
}

WebhookForm MakeWebhookForm(const v1::Event& event) {
  WebhookForm form;
  if (event.has_dashly_conversation()) {
    const v1::ConversationPart& part =
        event.dashly_conversation().conversation();
    form.kind = v1::WEBHOOK_DELIVERY_KIND_CONVERSATION;
    form.lane = event.conversation();
    form.subject_id = part.id();
    AppendFormField("conversation", WriteJson(part), &form.body);
    AppendFormField("type", "conversation", &form.body);
    return form;
  }
  const v1::DashlyEvent& told = event.dashly_event();
  form.kind = v1::WEBHOOK_DELIVERY_KIND_EVENT;
  form.lane = absl::StrCat("user:", told.user_id());
  form.subject_id = told.event_id();
  AppendFormField("user", WriteJson(told.user()), &form.body);
  AppendFormField("user_id", absl::StrCat(told.user_id()), &form.body);
  AppendFormField("event_name", told.event_name(), &form.body);
  AppendFormField("event", WriteJson(told.event()), &form.body);
  AppendFormField("event_id", absl::StrCat(told.event_id()), &form.body);
  AppendFormField("type", "event", &form.body);
  return form;
}

}  // namespace chatgate
