#include <string>
#include <utility>

#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/actor.h"
#include "server/platform/arguments.h"
#include "server/platform/conversation_row.h"
#include "server/platform/ids.h"
#include "server/platform/methods.h"
#include "server/platform/parts.h"
#include "server/platform/sql.h"
#include "server/platform/user_row.h"

namespace chatgate::platform {

namespace {

absl::StatusOr<ConversationRow> NewConversation(WriteContext& context,
                                                const UserRow& user) {
  ASSIGN_OR_RETURN(const uint64_t id, NewIdNotIn(context, kFindConversation));
  return CreateConversation(context, id, user.row, user.id);
}

}  // namespace

absl::Status StartConversation(WriteContext& context,
                               const v1::StartConversationRequest& request,
                               v1::StartConversationResponse* response) {
  RETURN_IF_ERROR(CheckBody(context, request.body()));
  RETURN_IF_ERROR(CheckText("referrer", request.referrer(), 0,
                            context.limits.url_bytes_max));
  ASSIGN_OR_RETURN(
      const UserRow user,
      FindOrCreateUser(context, request.user_id(), request.by_user_id()));
  ASSIGN_OR_RETURN(ConversationRow conversation,
                   NewConversation(context, user));

  v1::ConversationPart part;
  part.set_body(request.body());
  part.set_type("reply_user");
  part.set_direction("u2a");
  part.set_sent_via("api");
  part.set_random_id(request.random_id());
  part.mutable_sender()->set_user_id(user.id);
  // Unknown in the facts is where the platform shows it.
  if (!request.referrer().empty()) {
    (*part.mutable_meta_data()->mutable_fields())["referrer"].set_string_value(
        request.referrer());
  }
  RETURN_IF_ERROR(AddPart(context, conversation, std::move(part)).status());
  response->set_id(conversation.state.id());
  return absl::OkStatus();
}

absl::Status SendMessage(WriteContext& context,
                         const v1::SendMessageRequest& request,
                         v1::SendMessageResponse* response) {
  RETURN_IF_ERROR(CheckBody(context, request.body()));
  const std::string type =
      request.type().empty() ? "popup_chat" : request.type();
  if (type != "popup_chat" && type != "popup_small" && type != "popup_big" &&
      type != "email") {
    return InvalidField(
        "type", "must be `popup_chat`, `popup_small`, `popup_big` or `email`");
  }
  ASSIGN_OR_RETURN(const UserRow user,
                   FindUser(context, request.user_id(), false));
  // Who a message comes from is unknown in the facts; no operator is named.
  ASSIGN_OR_RETURN(const v1::Sender sender,
                   FindOperator(context, "default_admin", ""));
  ASSIGN_OR_RETURN(const uint64_t message, NewId(context));
  ASSIGN_OR_RETURN(ConversationRow conversation,
                   NewConversation(context, user));
  // Not listed: the inbox shows it once the lead answers.
  conversation.state.set_message(message);
  conversation.state.set_type(type);

  v1::ConversationPart part;
  part.set_body(request.body());
  part.set_type("reply_admin");
  part.set_direction("a2u");
  part.set_sent_via("message_manual");
  *part.mutable_sender() = sender;
  RETURN_IF_ERROR(AddPart(context, conversation, std::move(part)).status());
  response->set_conversation(conversation.state.id());
  response->set_message(message);
  return absl::OkStatus();
}

}  // namespace chatgate::platform
