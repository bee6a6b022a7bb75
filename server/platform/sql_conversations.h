#ifndef CHATGATE_SERVER_PLATFORM_SQL_CONVERSATIONS_H_
#define CHATGATE_SERVER_PLATFORM_SQL_CONVERSATIONS_H_

// Statements about conversations, tags and parts. See sql.h.
namespace chatgate::platform {

// Conversations. The columns are those of ReadConversationRow.
inline constexpr char kFindConversation[] =
    "SELECT c.row, c.user, c.last_update, c.listed, c.read_row, c.part_last,"
    " c.reply_last, c.part_group, c.adopted, c.state, u.id"
    " FROM platform_conversations c LEFT JOIN platform_users u ON u.row = "
    "c.user"
    " WHERE c.id = ? AND c.app = ?";
inline constexpr char kFindForeignConversation[] =
    "SELECT 1 FROM platform_conversations WHERE id = ? LIMIT 1";
inline constexpr char kInsertConversation[] =
    "INSERT INTO platform_conversations(app, id, user, last_update, listed,"
    " closed, unread, read_row, part_last, reply_last, part_group, adopted,"
    " state) VALUES(?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, x'')";
inline constexpr char kSaveConversation[] =
    "UPDATE platform_conversations SET user = ?, last_update = ?, listed = ?,"
    " closed = ?, assignee = ?, channel = ?, unread = ?, read_row = ?,"
    " part_last = ?, reply_last = ?, part_group = ?, adopted = ?, state = ?"
    " WHERE row = ?";
inline constexpr char kCountChannel[] =
    "SELECT SUM(assignee IS NULL), SUM(unread) FROM platform_conversations"
    " WHERE app = ? AND channel = ? AND listed = 1 AND closed = 0";
inline constexpr char kInsertTag[] =
    "INSERT INTO platform_tags(conversation, tag, app, last_update)"
    " VALUES(?, ?, ?, ?)";
inline constexpr char kDeleteTags[] =
    "DELETE FROM platform_tags WHERE conversation = ?";

// Parts.
inline constexpr char kInsertPart[] =
    "INSERT INTO platform_parts(app, id, conversation, part)"
    " VALUES(?, ?, ?, ?)";
inline constexpr char kUpdatePart[] =
    "UPDATE platform_parts SET part = ? WHERE row = ?";
inline constexpr char kFindPart[] =
    "SELECT part FROM platform_parts WHERE row = ?";
inline constexpr char kFindPartById[] =
    "SELECT row, conversation, part FROM platform_parts"
    " WHERE id = ? AND app = ?";
inline constexpr char kListParts[] =
    "SELECT row, part FROM platform_parts WHERE conversation = ? AND row < ?"
    " ORDER BY row DESC LIMIT ?";

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_SQL_CONVERSATIONS_H_
