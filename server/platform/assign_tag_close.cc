#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
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

// A line that the platform writes about what an operator did.
v1::ConversationPart SystemPart(const char* type, const v1::Sender& sender,
                                uint32_t random_id) {
  v1::ConversationPart part;
  part.set_type(type);
  part.set_direction("a2u");
  part.set_sent_via("api");
  part.set_random_id(random_id);
  *part.mutable_sender() = sender;
  return part;
}

// The three answers have the same fields.
template <typename Response>
void SetAnswer(const v1::ConversationPart& part, Response* response) {
  response->set_id(part.id());
  response->set_part_group(part.part_group());
}

absl::Status CheckTag(const ReadContext& context, const std::string& tag) {
  RETURN_IF_ERROR(CheckText("tag", tag, 1, context.limits.name_chars_max));
  if (tag.find(',') != std::string::npos)
    return InvalidField("tag", "must not contain a comma");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<v1::ConversationPart>> Assign(
    WriteContext& context, ConversationRow& conversation,
    const v1::Admin* assignee, const v1::Sender& sender, uint32_t random_id) {
  v1::Conversation& state = conversation.state;
  const bool unchanged =
      assignee == nullptr
          ? !state.has_assignee()
          : state.has_assignee() && state.assignee().id() == assignee->id();
  if (unchanged) return std::nullopt;

  v1::ConversationPart part = SystemPart("assigned", sender, random_id);
  if (assignee == nullptr) {
    // What the part shows then is unknown; nobody is `assignee` left out.
    state.clear_assignee();
  } else {
    *state.mutable_assignee() = *assignee;
    *part.mutable_assignee() = *assignee;
  }
  ASSIGN_OR_RETURN(part, AddPart(context, conversation, std::move(part)));
  return part;
}

absl::Status AssignConversation(WriteContext& context,
                                const v1::AssignConversationRequest& request,
                                v1::AssignConversationResponse* response) {
  ASSIGN_OR_RETURN(ConversationRow conversation,
                   FindConversation(context, request.conversation_id()));
  ASSIGN_OR_RETURN(
      const v1::Sender sender,
      FindOperator(context, request.from_admin(), request.bot_name()));
  v1::Admin admin;
  // An empty argument of the Web API arrives as 0 and means nobody as well.
  const bool unassign = request.admin() == 0;
  if (!unassign) {
    ASSIGN_OR_RETURN(admin, FindAdmin(context, "admin", request.admin()));
  }
  ASSIGN_OR_RETURN(const std::optional<v1::ConversationPart> part,
                   Assign(context, conversation, unassign ? nullptr : &admin,
                          sender, request.random_id()));
  if (part.has_value()) SetAnswer(*part, response);
  return absl::OkStatus();
}

absl::Status TagConversation(WriteContext& context,
                             const v1::TagConversationRequest& request,
                             v1::TagConversationResponse* response) {
  ASSIGN_OR_RETURN(ConversationRow conversation,
                   FindConversation(context, request.conversation_id()));
  RETURN_IF_ERROR(CheckTag(context, request.tag()));
  const bool add = request.action() == "add";
  if (!add && request.action() != "delete")
    return InvalidField("action", "must be `add` or `delete`");
  ASSIGN_OR_RETURN(
      const v1::Sender sender,
      FindOperator(context, request.from_admin(), request.bot_name()));

  auto& tags = *conversation.state.mutable_tags();
  const auto it = std::find(tags.begin(), tags.end(), request.tag());
  if ((it != tags.end()) == add) return absl::OkStatus();
  if (add && tags.size() >= static_cast<int>(context.limits.tags_max)) {
    return InvalidField("tag", absl::StrCat("the conversation has ",
                                            tags.size(), " tags already"));
  }
  if (add) {
    *tags.Add() = request.tag();
  } else {
    tags.erase(it);
  }
  v1::ConversationPart part = SystemPart(add ? "tag_added" : "tag_deleted",
                                         sender, request.random_id());
  // Unknown in the facts, and the only place where the tag could be told.
  part.set_body(request.tag());
  ASSIGN_OR_RETURN(part, AddPart(context, conversation, std::move(part)));
  SetAnswer(part, response);
  return absl::OkStatus();
}

absl::Status CloseConversation(WriteContext& context,
                               const v1::CloseConversationRequest& request,
                               v1::CloseConversationResponse* response) {
  ASSIGN_OR_RETURN(ConversationRow conversation,
                   FindConversation(context, request.conversation_id()));
  ASSIGN_OR_RETURN(
      const v1::Sender sender,
      FindOperator(context, request.from_admin(), request.bot_name()));
  if (conversation.state.closed()) return absl::OkStatus();
  conversation.state.set_closed(true);
  // Nothing waits for an answer any more.
  conversation.state.set_admin_unread_count(0);
  ASSIGN_OR_RETURN(const v1::ConversationPart part,
                   AddPart(context, conversation,
                           SystemPart("closed", sender, request.random_id())));
  SetAnswer(part, response);
  return absl::OkStatus();
}

}  // namespace chatgate::platform
