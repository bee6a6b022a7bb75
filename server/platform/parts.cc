#include "server/platform/parts.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/platform/events.h"
#include "server/platform/ids.h"
#include "server/platform/sql.h"
#include "server/platform/user_row.h"

namespace chatgate::platform {

namespace {

void CountLeadReply(const v1::ConversationPart& part,
                    ConversationRow& conversation) {
  v1::Conversation& state = conversation.state;
  conversation.listed = true;
  state.set_replied(true);
  state.set_admin_unread_count(state.admin_unread_count() + 1);
  state.set_not_answered_admin_replies(0);
  state.set_last_user_reply_time(absl::StrCat(part.created()));
  // Unknown in the facts: whether a reply opens a closed conversation again. A
  // lead's does, so that no operator overlooks it; an operator's does not.
  state.set_closed(false);
}

void CountOperatorReply(const v1::ConversationPart& part,
                        ConversationRow& conversation) {
  v1::Conversation& state = conversation.state;
  state.set_unread_parts_count(state.unread_parts_count() + 1);
  state.set_admin_unread_count(0);
  state.set_not_answered_admin_replies(state.not_answered_admin_replies() + 1);
  // Bots are no operators; whether the platform counts them is unknown.
  if (part.sender().has_admin() && part.sender().admin().type() != "bot")
    *state.mutable_last_admin() = part.sender().admin();
}

}  // namespace

bool IsLeadReply(const v1::ConversationPart& part) {
  return part.direction() == "u2a";
}

bool IsOperatorReply(const v1::ConversationPart& part) {
  const std::string& type = part.type();
  return !IsLeadReply(part) && (type == "reply_admin" || type == "auto_reply" ||
                                type == "article" || type == "chat_bot_admin");
}

absl::Status StorePart(WriteContext& context, ConversationRow& conversation,
                       const v1::ConversationPart& part) {
  const std::string bytes = part.SerializeAsString();
  ASSIGN_OR_RETURN(Statement insert, context.Prepare(kInsertPart));
  insert.Bind(0, context.app.sql_id());
  insert.Bind(1, IdToSql(part.id()));
  insert.Bind(2, conversation.row);
  insert.BindBlob(3, bytes);
  RETURN_IF_ERROR(insert.Run());
  const int64_t row = context.db.LastInsertRowid();

  v1::Conversation& state = conversation.state;
  state.set_parts_count(state.parts_count() + 1);
  conversation.part_last = row;
  conversation.last_update = absl::ToUnixMicros(context.now);
  if (!IsLeadReply(part) && !IsOperatorReply(part)) return absl::OkStatus();

  conversation.reply_last = row;
  state.set_replies_count(state.replies_count() + 1);
  if (IsLeadReply(part)) {
    CountLeadReply(part, conversation);
    if (conversation.user == 0) return absl::OkStatus();
    return TouchUserReply(context, conversation.user);
  }
  CountOperatorReply(part, conversation);
  if (conversation.user == 0) return absl::OkStatus();
  return TouchUserContacted(context, conversation.user);
}

absl::StatusOr<v1::ConversationPart> AddPart(WriteContext& context,
                                             ConversationRow& conversation,
                                             v1::ConversationPart part) {
  ASSIGN_OR_RETURN(const uint64_t id, NewIdNotIn(context, kFindPartById));
  part.set_id(id);
  part.set_conversation(conversation.state.id());
  part.set_created(absl::ToUnixSeconds(context.now));
  if (conversation.part_group == 0) {
    ASSIGN_OR_RETURN(conversation.part_group, NewId(context));
  }
  part.set_part_group(conversation.part_group);
  if (conversation.state.parts_count() == 0) part.set_first(true);
  RETURN_IF_ERROR(StorePart(context, conversation, part));
  RETURN_IF_ERROR(SaveConversation(context, conversation));
  RETURN_IF_ERROR(AppendPartEvent(context, conversation, part));
  return part;
}

}  // namespace chatgate::platform
