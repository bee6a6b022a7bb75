#ifndef CHATGATE_SERVER_PLATFORM_SQL_RECORDS_H_
#define CHATGATE_SERVER_PLATFORM_SQL_RECORDS_H_

// Statements that export and import records. See sql.h.
namespace chatgate::platform {

// Pages by row, of all apps; CROSS JOIN keeps the order of the tables. The
// columns are those of the readers in record_export.cc.
inline constexpr char kExportUsers[] =
    "SELECT row, app, id, site_id, created, last_seen, last_reply,"
    " last_contacted, presence, signal, active_since, lead"
    " FROM platform_users WHERE row > ? ORDER BY row";
inline constexpr char kExportConversations[] =
    "SELECT c.row, c.app, c.state, u.id, c.last_update, c.listed,"
    " c.part_group, c.adopted FROM platform_conversations c"
    " LEFT JOIN platform_users u ON u.row = c.user"
    " WHERE c.row > ? ORDER BY c.row";
inline constexpr char kExportParts[] =
    "SELECT p.row, p.app, p.part, c.read_row, c.part_last, c.reply_last"
    " FROM platform_parts p CROSS JOIN platform_conversations c"
    " WHERE c.row = p.conversation AND p.row > ? ORDER BY p.row";
inline constexpr char kExportUserEvents[] =
    "SELECT e.row, e.app, e.id, u.id, t.id, t.name, e.created, e.props"
    " FROM platform_events e CROSS JOIN platform_users u"
    " CROSS JOIN platform_event_types t"
    " WHERE u.row = e.user AND t.row = e.type AND e.row > ? ORDER BY e.row";

inline constexpr char kImportUser[] =
    "INSERT INTO platform_users(app, id, site_id, created, last_seen,"
    " last_reply, last_contacted, presence, signal, active_since, lead)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
inline constexpr char kFindEventById[] =
    "SELECT 1 FROM platform_events WHERE id = ? AND app = ?";
// Ids that this counter gives are beyond all that it gave elsewhere.
inline constexpr char kRaiseIds[] =
    "UPDATE platform_ids SET last = MAX(last, ?) WHERE one = 1";

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_SQL_RECORDS_H_
