#include "server/platform/adoption.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "server/backend/told_part.h"
#include "server/base/status_macros.h"
#include "server/platform/conversation_row.h"
#include "server/platform/parts.h"
#include "server/platform/record_times.h"
#include "server/platform/sql.h"
#include "server/platform/user_row.h"

namespace chatgate::platform {

namespace {

// The lead that the part names: who wrote it, or `user`. 0: nobody is named.
uint64_t LeadOf(const v1::ConversationPart& told) {
  if (told.direction() == "u2a" && told.sender().user_id() != 0)
    return told.sender().user_id();
  return told.user();
}

// Webhooks are repeated and may overtake each other: only one that is not older
// than what was told before changes the conversation.
void TakeOver(const v1::ConversationPart& told, ConversationRow& conversation) {
  if (told.created() < conversation.adopted) return;
  // A time that cannot be (milliseconds, say) would make all others older.
  if (told.created() <= kRecordSecondsMax) {
    conversation.adopted = told.created();
  }
  v1::Conversation& state = conversation.state;
  if (told.has_conversation_closed())
    state.set_closed(told.conversation_closed());
  state.clear_tags();
  for (const std::string& tag : told.conversation_tags()) {
    const auto& tags = state.tags();
    // A conversation has a tag once, however often it is told.
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) {
      state.add_tags(tag);
    }
  }
  if (told.has_assignee()) {
    *state.mutable_assignee() = told.assignee();
  } else {
    state.clear_assignee();
  }
  if (told.has_channel()) *state.mutable_channel() = told.channel();
  if (told.has_conversation_type()) state.set_type(told.conversation_type());
  if (told.has_conversation_replied())
    state.set_replied(told.conversation_replied());
  if (told.has_conversation_admin_unread_count()) {
    state.set_admin_unread_count(told.conversation_admin_unread_count());
  }
  if (told.part_group() != 0) conversation.part_group = told.part_group();
}

// A part that comes late counts, but neither opens the conversation nor makes
// it unread: what was told later says how it stands.
void KeepOpenness(const v1::Conversation& before, v1::Conversation* state) {
  state->set_closed(before.closed());
  state->set_admin_unread_count(before.admin_unread_count());
  state->set_not_answered_admin_replies(before.not_answered_admin_replies());
  if (before.has_last_user_reply_time()) {
    state->set_last_user_reply_time(before.last_user_reply_time());
  }
}

// The lead's row; 0 where no lead is named.
absl::StatusOr<int64_t> AdoptLead(WriteContext& context, uint64_t id) {
  if (id == 0) return 0;
  ASSIGN_OR_RETURN(const std::optional<UserRow> known,
                   FindUserById(context, id));
  if (known.has_value()) return known->row;
  ASSIGN_OR_RETURN(const UserRow created,
                   CreateUser(context, id, std::nullopt));
  return created.row;
}

absl::StatusOr<ConversationRow> AdoptConversation(
    WriteContext& context, const v1::ConversationPart& told) {
  const uint64_t lead = LeadOf(told);
  ASSIGN_OR_RETURN(const int64_t user, AdoptLead(context, lead));
  ASSIGN_OR_RETURN(std::optional<ConversationRow> known,
                   FindConversationIfKnown(context, told.conversation()));
  if (known.has_value()) {
    if (known->user == 0) {
      known->user = user;
      known->lead_id = lead;
    }
    return *std::move(known);
  }
  ASSIGN_OR_RETURN(
      ConversationRow created,
      CreateConversation(context, told.conversation(), user, lead));
  if (told.created() != 0) created.state.set_created(told.created());
  // Somebody chats in it, whoever wrote first.
  created.listed = true;
  return created;
}

// The platform tells an edited part again. True when the part was known.
absl::StatusOr<bool> ReplaceKnownPart(WriteContext& context,
                                      const v1::ConversationPart& told) {
  int64_t row = 0;
  v1::ConversationPart part = PartAlone(told);
  {
    ASSIGN_OR_RETURN(Statement find, context.Prepare(kFindPartById));
    find.Bind(0, IdToSql(told.id()));
    find.Bind(1, context.app.sql_id());
    ASSIGN_OR_RETURN(const bool known, find.Step());
    if (!known) return false;
    row = find.Int(0);
    v1::ConversationPart stored;
    const absl::string_view blob = find.Blob(2);
    if (!stored.ParseFromArray(blob.data(), static_cast<int>(blob.size())))
      return absl::DataLossError("an adopted part is damaged");
    const bool edited =
        told.edited() != stored.edited() || told.removed() != stored.removed();
    // A part of another conversation under the same id is no edit of this one.
    if (!edited || stored.conversation() != told.conversation()) return true;
    if (stored.has_first()) part.set_first(stored.first());
  }
  const std::string bytes = part.SerializeAsString();
  ASSIGN_OR_RETURN(Statement update, context.Prepare(kUpdatePart));
  update.BindBlob(0, bytes);
  update.Bind(1, row);
  RETURN_IF_ERROR(update.Run());
  return true;
}

}  // namespace

absl::Status AdoptPart(WriteContext& context,
                       const v1::ConversationPart& told) {
  // Without ids there is nothing to answer to; the event itself is kept.
  if (told.id() == 0 || told.conversation() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool known, ReplaceKnownPart(context, told));
  if (known) return absl::OkStatus();
  ASSIGN_OR_RETURN(ConversationRow conversation,
                   AdoptConversation(context, told));
  v1::ConversationPart part = PartAlone(told);
  if (conversation.state.parts_count() == 0) part.set_first(true);
  const bool overtaken = told.created() < conversation.adopted;
  const v1::Conversation before = conversation.state;
  RETURN_IF_ERROR(StorePart(context, conversation, part));
  if (overtaken) KeepOpenness(before, &conversation.state);
  TakeOver(told, conversation);
  return SaveConversation(context, conversation);
}

}  // namespace chatgate::platform
