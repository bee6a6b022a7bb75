#include "server/platform/conversation_view.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/base/utf8.h"
#include "server/platform/sql.h"
#include "server/platform/user_row.h"
#include "server/platform/user_view.h"

namespace chatgate::platform {

namespace {

// A part inside a conversation is a preview: a page of fifty conversations with
// adopted parts of a megabyte each would be too large for any client.
constexpr size_t kPreviewBytesMax = 65'536;

absl::StatusOr<v1::ConversationPart> Preview(
    const ReadContext& context, int64_t row,
    const ConversationRow& conversation) {
  ASSIGN_OR_RETURN(Statement select, context.Prepare(kFindPart));
  select.Bind(0, row);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) {
    return absl::DataLossError(
        absl::StrCat("row ", row, " of platform_parts is gone"));
  }
  ASSIGN_OR_RETURN(v1::ConversationPart part,
                   ViewPart(select.Blob(0), row, conversation));
  if (part.body().size() > kPreviewBytesMax)
    part.set_body(std::string(Utf8Prefix(part.body(), kPreviewBytesMax)));
  if (part.ByteSizeLong() > 2 * kPreviewBytesMax) {
    part.clear_unknown_fields_json();
    part.clear_body_json();
    part.clear_meta_data();
    part.clear_actions();
    part.clear_attachments();
  }
  return part;
}

}  // namespace

absl::StatusOr<v1::ConversationPart> ViewPart(
    absl::string_view stored, int64_t row,
    const ConversationRow& conversation) {
  v1::ConversationPart part;
  if (!part.ParseFromArray(stored.data(), static_cast<int>(stored.size()))) {
    return absl::DataLossError(
        absl::StrCat("part in row ", row, " is damaged"));
  }
  if (part.direction() != "u2a") part.set_read(row <= conversation.read_row);
  return part;
}

absl::StatusOr<v1::Conversation> ViewConversation(
    const ReadContext& context, const ConversationRow& conversation) {
  v1::Conversation view = conversation.state;
  view.set_last_update(conversation.last_update / 1'000'000);
  view.set_user_unread_count(view.unread_parts_count());
  // What the visitor began, the visitor has read.
  view.set_read(conversation.read_row > 0 || !view.has_message());
  if (conversation.part_last != 0) {
    ASSIGN_OR_RETURN(*view.mutable_part_last(),
                     Preview(context, conversation.part_last, conversation));
  }
  if (conversation.reply_last != 0) {
    if (conversation.reply_last == conversation.part_last) {
      *view.mutable_reply_last() = view.part_last();
    } else {
      ASSIGN_OR_RETURN(*view.mutable_reply_last(),
                       Preview(context, conversation.reply_last, conversation));
    }
    view.set_reply_last_type(view.reply_last().type());
  }
  return view;
}

absl::StatusOr<v1::Conversation> ViewConversationAndUser(
    const ReadContext& context, const ConversationRow& conversation) {
  ASSIGN_OR_RETURN(v1::Conversation view,
                   ViewConversation(context, conversation));
  if (conversation.user != 0) {
    ASSIGN_OR_RETURN(const UserRow user,
                     FindUserByRow(context, conversation.user));
    ASSIGN_OR_RETURN(*view.mutable_user(), ViewUser(context, user));
  }
  return view;
}

}  // namespace chatgate::platform
