#ifndef CHATGATE_SERVER_PLATFORM_SQL_RECORDS_H_
#define CHATGATE_SERVER_PLATFORM_SQL_RECORDS_H_

// Statements that export and import records. See sql.h.
namespace chatgate::platform {

// Pages by row, of all apps; CROSS JOIN keeps the order of the tables. The
// columns are those of the readers in record_export.cc.
// The newest rows, the referring tables first: whatever a row refers to is
// then below the bound of its own table.
inline constexpr char kLastUserEvent[] = "SELECT MAX(row) FROM platform_events";
inline constexpr char kLastPart[] = "SELECT MAX(row) FROM platform_parts";
inline constexpr char kLastConversation[] =
    "SELECT MAX(row) FROM platform_conversations";
inline constexpr char kLastUser[] = "SELECT MAX(row) FROM platform_users";

inline constexpr char kExportUsers[] =
    "SELECT row, app, id, site_id, created, last_seen, last_reply,"
    " last_contacted, presence, signal, active_since, lead"
    " FROM platform_users WHERE row > ? AND row <= ?"
    " ORDER BY row";
inline constexpr char kExportConversations[] =
    "SELECT c.row, c.app, c.state, u.id, c.last_update, c.listed,"
    " c.part_group, c.adopted, u.row FROM platform_conversations c"
    " LEFT JOIN platform_users u ON u.row = c.user"
    " WHERE c.row > ? AND c.row <= ? ORDER BY c.row";
inline constexpr char kExportParts[] =
    "SELECT p.row, p.app, p.part, c.read_row, c.part_last, c.reply_last"
    " FROM platform_parts p CROSS JOIN platform_conversations c"
    " WHERE c.row = p.conversation AND p.row > ? AND p.row <= ?"
    " ORDER BY p.row";
inline constexpr char kExportUserEvents[] =
    "SELECT e.row, e.app, e.id, u.id, t.id, t.name, e.created, e.props"
    " FROM platform_events e CROSS JOIN platform_users u"
    " CROSS JOIN platform_event_types t"
    " WHERE u.row = e.user AND t.row = e.type AND e.row > ? AND e.row <= ?"
    " ORDER BY e.row";

inline constexpr char kImportUser[] =
    "INSERT INTO platform_users(app, id, site_id, created, last_seen,"
    " last_reply, last_contacted, presence, signal, active_since, lead)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr char kFindEventById[] =
    "SELECT user, created FROM platform_events WHERE id = ? AND app = ?";
// Ids that this counter gives are beyond all that it gave elsewhere.
inline constexpr char kRaiseIds[] =
    "UPDATE platform_ids SET last = MAX(last, ?) WHERE one = 1";

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_SQL_RECORDS_H_
