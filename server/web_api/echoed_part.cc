#include "server/web_api/echoed_part.h"

#include "chatgate/v1/chat_service.pb.h"

namespace chatgate {
namespace {

// The part itself, without what webhooks say about the conversation.
v1::ConversationPart PartAlone(v1::ConversationPart part) {
  part.clear_user();
  part.clear_channel();
  part.clear_assignee();
  part.clear_conversation_closed();
  part.clear_conversation_tags();
  part.clear_conversation_delayed_until();
  part.clear_conversation_last_update();
  part.clear_conversation_replied();
  part.clear_conversation_admin_unread_count();
  part.clear_conversation_last_user_reply_time();
  part.clear_conversation_type();
  part.clear_conversation_not_answered_admin_replies();
  part.clear_conversation_assistant_type();
  return part;
}

}  // namespace

std::string ResponseOfEcho(absl::string_view method,
                           const v1::ConversationPart& part) {
  if (method == "ReplyToConversation") {
    v1::ReplyToConversationResponse response;
    *response.mutable_part() = PartAlone(part);
    return response.SerializeAsString();
  }
  if (method == "StartConversation" && part.conversation() != 0) {
    v1::StartConversationResponse response;
    response.set_id(part.conversation());
    return response.SerializeAsString();
  }
  return "";
}

}  // namespace chatgate
