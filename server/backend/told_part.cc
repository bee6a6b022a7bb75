#include "server/backend/told_part.h"

namespace chatgate {

v1::ConversationPart PartAlone(v1::ConversationPart told) {
  told.clear_user();
  told.clear_channel();
  told.clear_conversation_closed();
  told.clear_conversation_tags();
  told.clear_conversation_delayed_until();
  told.clear_conversation_last_update();
  told.clear_conversation_replied();
  told.clear_conversation_admin_unread_count();
  told.clear_conversation_last_user_reply_time();
  told.clear_conversation_type();
  told.clear_conversation_not_answered_admin_replies();
  told.clear_conversation_assistant_type();
  if (told.type() != "assigned") told.clear_assignee();
  return told;
}

}  // namespace chatgate
