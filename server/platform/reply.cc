#include <optional>
#include <string>
#include <utility>

#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/actor.h"
#include "server/platform/arguments.h"
#include "server/platform/assignment.h"
#include "server/platform/conversation_row.h"
#include "server/platform/methods.h"
#include "server/platform/parts.h"

namespace chatgate::platform {

namespace {

absl::StatusOr<std::string> PartType(
    const v1::ReplyToConversationRequest& request, const v1::Sender& sender) {
  // `type` is without effect with `from_user`.
  if (sender.has_user_id()) return "reply_user";
  if (request.type().empty() || request.type() == "reply_admin")
    return "reply_admin";
  if (request.type() == "note") return "note";
  return InvalidField("type", "must be `reply_admin` or `note`");
}

}  // namespace

absl::Status ReplyToConversation(WriteContext& context,
                                 const v1::ReplyToConversationRequest& request,
                                 v1::ReplyToConversationResponse* response) {
  ASSIGN_OR_RETURN(ConversationRow conversation,
                   FindConversation(context, request.conversation_id()));
  RETURN_IF_ERROR(CheckBody(context, request.body()));
  ASSIGN_OR_RETURN(v1::Sender sender,
                   FindSender(context, conversation, request.from_user(),
                              request.from_admin(), request.bot_name()));
  ASSIGN_OR_RETURN(std::string type, PartType(request, sender));

  if (request.has_auto_assign()) {
    ASSIGN_OR_RETURN(const v1::Admin assignee,
                     FindAdmin(context, "auto_assign", request.auto_assign()));
    // The lead assigns nobody: in the platform's sample the admin then stands
    // for themselves.
    v1::Sender assigner = sender;
    if (sender.has_user_id()) *assigner.mutable_admin() = assignee;
    ASSIGN_OR_RETURN(std::optional<v1::ConversationPart> assigned,
                     Assign(context, conversation, &assignee, assigner,
                            request.auto_assign_random_id()));
    if (assigned.has_value())
      *response->mutable_assign_part() = *std::move(assigned);
  }

  v1::ConversationPart part;
  part.set_body(request.body());
  part.set_type(std::move(type));
  part.set_direction(sender.has_user_id() ? "u2a" : "a2u");
  // Unknown in the facts for the first version; the second says `api`.
  part.set_sent_via("api");
  part.set_random_id(request.random_id());
  *part.mutable_sender() = std::move(sender);
  ASSIGN_OR_RETURN(*response->mutable_part(),
                   AddPart(context, conversation, std::move(part)));
  return absl::OkStatus();
}

}  // namespace chatgate::platform
