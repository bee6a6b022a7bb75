#include "server/event_log/event_record.h"

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

// Platforms write 0, or nothing, where they know no lead.
std::string IdText(uint64_t id) { return id == 0 ? "" : absl::StrCat(id); }

std::string UserOf(const v1::ConversationPart& part) {
  if (part.has_user() && part.user() != 0) return IdText(part.user());
  return IdText(part.sender().user_id());
}

}  // namespace

EventTraits TraitsOf(const v1::Event& event) {
  EventTraits traits;
  traits.app_id = event.app_id();
  traits.conversation = event.conversation();
  switch (event.payload_case()) {
    case v1::Event::kDashlyConversation: {
      const v1::ConversationPart& part =
          event.dashly_conversation().conversation();
      traits.kind = v1::EVENT_KIND_DASHLY_CONVERSATION;
      traits.user_id = UserOf(part);
      traits.direction = part.direction();
      traits.part_type = part.type();
      break;
    }
    case v1::Event::kDashlyEvent:
      traits.kind = v1::EVENT_KIND_DASHLY_EVENT;
      traits.user_id = IdText(event.dashly_event().user_id());
      break;
    case v1::Event::kDashlyMessageWebhook:
      traits.kind = v1::EVENT_KIND_DASHLY_MESSAGE_WEBHOOK;
      traits.user_id = IdText(event.dashly_message_webhook().user_id());
      break;
    case v1::Event::kChatlioTranscript:
      traits.kind = v1::EVENT_KIND_CHATLIO_TRANSCRIPT;
      traits.user_id = event.chatlio_transcript().visitor().uuid();
      break;
    case v1::Event::kChatlioOfflineMessage:
      traits.kind = v1::EVENT_KIND_CHATLIO_OFFLINE_MESSAGE;
      traits.user_id = event.chatlio_offline_message().visitor().uuid();
      break;
    case v1::Event::kChatlioConversationStarted:
      traits.kind = v1::EVENT_KIND_CHATLIO_CONVERSATION_STARTED;
      traits.user_id = event.chatlio_conversation_started().visitor().uuid();
      break;
    case v1::Event::kChatlioUnanswered:
      traits.kind = v1::EVENT_KIND_CHATLIO_UNANSWERED;
      traits.user_id = event.chatlio_unanswered().visitor().uuid();
      break;
    case v1::Event::kChatlioFeedback:
      traits.kind = v1::EVENT_KIND_CHATLIO_FEEDBACK;
      traits.user_id = event.chatlio_feedback().visitor().uuid();
      break;
    case v1::Event::kUnrecognized:
      traits.kind = v1::EVENT_KIND_UNRECOGNIZED;
      break;
    case v1::Event::kConversationTyping:
      traits.kind = v1::EVENT_KIND_CONVERSATION_TYPING;
      traits.user_id =
          IdText(event.conversation_typing().user() != 0
                     ? event.conversation_typing().user()
                     : event.conversation_typing().sender().user_id());
      break;
    case v1::Event::kConversationRead:
      traits.kind = v1::EVENT_KIND_CONVERSATION_READ;
      traits.user_id = IdText(event.conversation_read().user());
      break;
    case v1::Event::PAYLOAD_NOT_SET:
      break;
  }
  return traits;
}

}  // namespace chatgate
