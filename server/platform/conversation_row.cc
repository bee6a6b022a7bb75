#include "server/platform/conversation_row.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/sql.h"

namespace chatgate::platform {

namespace {

absl::StatusOr<ConversationRow> ReadConversationRow(const Statement& select) {
  ConversationRow conversation;
  conversation.row = select.Int(0);
  if (!select.IsNull(1)) conversation.user = select.Int(1);
  conversation.last_update = select.Int(2);
  conversation.listed = select.Int(3) != 0;
  conversation.read_row = select.Int(4);
  conversation.part_last = select.Int(5);
  conversation.reply_last = select.Int(6);
  conversation.part_group = static_cast<uint64_t>(select.Int(7));
  conversation.adopted = select.Int(8);
  const absl::string_view state = select.Blob(9);
  if (!conversation.state.ParseFromArray(state.data(),
                                         static_cast<int>(state.size()))) {
    return absl::DataLossError(
        absl::StrCat("conversation in row ", conversation.row, " is damaged"));
  }
  if (!select.IsNull(10)) conversation.lead_id = IdFromSql(select.Int(10));
  return conversation;
}

// The tags are few; writing them anew keeps their times those of the
// conversation.
absl::Status SaveTags(WriteContext& context,
                      const ConversationRow& conversation) {
  ASSIGN_OR_RETURN(Statement clear, context.Prepare(kDeleteTags));
  clear.Bind(0, conversation.row);
  RETURN_IF_ERROR(clear.Run());
  for (const std::string& tag : conversation.state.tags()) {
    ASSIGN_OR_RETURN(Statement insert, context.Prepare(kInsertTag));
    insert.Bind(0, conversation.row);
    insert.Bind(1, tag);
    insert.Bind(2, context.app.sql_id());
    insert.Bind(3, conversation.last_update);
    RETURN_IF_ERROR(insert.Run());
  }
  return absl::OkStatus();
}

void BindIdIf(Statement& statement, int index, bool has, uint64_t id) {
  if (has) {
    statement.Bind(index, IdToSql(id));
  } else {
    statement.BindNull(index);
  }
}

}  // namespace

absl::StatusOr<std::optional<ConversationRow>> FindConversationIfKnown(
    const ReadContext& context, uint64_t id) {
  ASSIGN_OR_RETURN(Statement select, context.Prepare(kFindConversation));
  select.Bind(0, IdToSql(id));
  select.Bind(1, context.app.sql_id());
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(ConversationRow conversation, ReadConversationRow(select));
  return conversation;
}

absl::StatusOr<ConversationRow> FindConversation(const ReadContext& context,
                                                 uint64_t id) {
  if (id == 0) return InvalidField("conversation_id", "is required");
  ASSIGN_OR_RETURN(std::optional<ConversationRow> conversation,
                   FindConversationIfKnown(context, id));
  if (conversation.has_value()) return *std::move(conversation);

  // Unknown in the facts for ids of another app is whether the platform says
  // LookupError or PermissionDeniedError; its error table describes the second.
  ASSIGN_OR_RETURN(Statement foreign,
                   context.Prepare(kFindForeignConversation));
  foreign.Bind(0, IdToSql(id));
  ASSIGN_OR_RETURN(const bool known, foreign.Step());
  if (known) {
    return MakeError(
        "PermissionDeniedError",
        absl::StrCat("conversation ", id, " belongs to another app"));
  }
  return MakeError("LookupError",
                   absl::StrCat("conversation ", id, " is not known"));
}

absl::StatusOr<ConversationRow> CreateConversation(WriteContext& context,
                                                   uint64_t id,
                                                   int64_t user_row,
                                                   uint64_t lead_id) {
  ConversationRow conversation;
  conversation.user = user_row;
  conversation.lead_id = lead_id;
  conversation.last_update = absl::ToUnixMicros(context.now);
  v1::Conversation& state = conversation.state;
  state.set_id(id);
  state.set_created(absl::ToUnixSeconds(context.now));
  state.set_type("popup_chat");
  state.set_reply_type("text");
  state.set_admin_unread_count(0);
  state.set_not_answered_admin_replies(0);
  state.set_replies_count(0);

  ASSIGN_OR_RETURN(Statement insert, context.Prepare(kInsertConversation));
  insert.Bind(0, context.app.sql_id());
  insert.Bind(1, IdToSql(id));
  if (user_row != 0) {
    insert.Bind(2, user_row);
  } else {
    insert.BindNull(2);
  }
  insert.Bind(3, conversation.last_update);
  RETURN_IF_ERROR(insert.Run());
  conversation.row = context.db.LastInsertRowid();
  return conversation;
}

absl::Status SaveConversation(WriteContext& context,
                              const ConversationRow& conversation) {
  const v1::Conversation& state = conversation.state;
  const std::string bytes = state.SerializeAsString();
  ASSIGN_OR_RETURN(Statement save, context.Prepare(kSaveConversation));
  if (conversation.user != 0) {
    save.Bind(0, conversation.user);
  } else {
    save.BindNull(0);
  }
  save.Bind(1, conversation.last_update);
  save.Bind(2, int64_t{conversation.listed});
  save.Bind(3, int64_t{state.closed()});
  BindIdIf(save, 4, state.has_assignee(), state.assignee().id());
  BindIdIf(save, 5, state.has_channel(), state.channel().id());
  save.Bind(6, int64_t{state.admin_unread_count() > 0});
  save.Bind(7, conversation.read_row);
  save.Bind(8, conversation.part_last);
  save.Bind(9, conversation.reply_last);
  save.Bind(10, static_cast<int64_t>(conversation.part_group));
  save.Bind(11, conversation.adopted);
  save.BindBlob(12, bytes);
  save.Bind(13, conversation.row);
  RETURN_IF_ERROR(save.Run());
  return SaveTags(context, conversation);
}

}  // namespace chatgate::platform
