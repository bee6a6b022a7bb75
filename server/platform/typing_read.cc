#include <utility>

#include "server/base/status_macros.h"
#include "server/platform/actor.h"
#include "server/platform/arguments.h"
#include "server/platform/conversation_row.h"
#include "server/platform/events.h"
#include "server/platform/methods.h"

namespace chatgate::platform {

absl::Status MarkConversationRead(
    WriteContext& context, const v1::MarkConversationReadRequest& request,
    v1::MarkConversationReadResponse* response) {
  static_cast<void>(response);  // Has no fields.
  ASSIGN_OR_RETURN(ConversationRow conversation,
                   FindConversation(context, request.conversation_id()));
  // Nothing new to read is no event.
  if (conversation.read_row == conversation.part_last) return absl::OkStatus();
  conversation.read_row = conversation.part_last;
  conversation.state.set_unread_parts_count(0);
  // Reading does not move the conversation up in the lists.
  RETURN_IF_ERROR(SaveConversation(context, conversation));
  return AppendRead(context, conversation);
}

absl::Status SetTyping(WriteContext& context,
                       const v1::SetTypingRequest& request,
                       v1::SetTypingResponse* response) {
  static_cast<void>(response);  // Has no fields.
  ASSIGN_OR_RETURN(const ConversationRow conversation,
                   FindConversation(context, request.conversation_id()));
  // Empty: typing has begun, and the text is not told.
  if (!request.body().empty())
    RETURN_IF_ERROR(CheckBody(context, request.body()));
  v1::ConversationTyping typing;
  ASSIGN_OR_RETURN(*typing.mutable_sender(),
                   FindSender(context, conversation, request.from_user(),
                              request.from_admin(), request.bot_name()));
  typing.set_conversation(conversation.state.id());
  typing.set_body(request.body());
  typing.set_user(conversation.lead_id);
  return AppendTyping(context, std::move(typing));
}

}  // namespace chatgate::platform
