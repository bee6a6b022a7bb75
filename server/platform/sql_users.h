#ifndef CHATGATE_SERVER_PLATFORM_SQL_USERS_H_
#define CHATGATE_SERVER_PLATFORM_SQL_USERS_H_

// Statements about leads, their properties and events. See sql.h.
namespace chatgate::platform {

// Leads. The columns of kFindUser... are those of ReadUserRow.
#define CHATGATE_USER_COLUMNS                                \
  "SELECT row, id, site_id, created, last_seen, last_reply," \
  " last_contacted, presence, signal, active_since, app"     \
  " FROM platform_users "
inline constexpr char kFindUserByRow[] = CHATGATE_USER_COLUMNS "WHERE row = ?";
inline constexpr char kFindUserById[] =
    CHATGATE_USER_COLUMNS "WHERE id = ? AND app = ?";
inline constexpr char kFindUserBySiteId[] =
    CHATGATE_USER_COLUMNS "WHERE app = ? AND site_id = ?";
inline constexpr char kListOnlineUsers[] = CHATGATE_USER_COLUMNS
    "WHERE app = ? AND presence = 1 AND signal > ? AND signal <= ?"
    " ORDER BY signal DESC, row DESC LIMIT ?";
inline constexpr char kListLeads[] = CHATGATE_USER_COLUMNS
    "WHERE app = ? AND lead = 1 ORDER BY last_seen, row LIMIT ? OFFSET ?";
inline constexpr char kListLeadsDescending[] = CHATGATE_USER_COLUMNS
    "WHERE app = ? AND lead = 1 ORDER BY last_seen DESC, row DESC"
    " LIMIT ? OFFSET ?";
#undef CHATGATE_USER_COLUMNS
inline constexpr char kCountLeads[] =
    "SELECT COUNT(*) FROM platform_users WHERE app = ? AND lead = 1";
inline constexpr char kFindForeignUser[] =
    "SELECT 1 FROM platform_users WHERE id = ? LIMIT 1";
inline constexpr char kInsertUser[] =
    "INSERT INTO platform_users(app, id, site_id, created, last_seen, lead)"
    " VALUES(?, ?, ?, ?, ?, ?)";
inline constexpr char kTouchUserReply[] =
    "UPDATE platform_users SET last_reply = ?, lead = 1 WHERE row = ?";
inline constexpr char kTouchUserContacted[] =
    "UPDATE platform_users SET last_contacted = ?, lead = 1 WHERE row = ?";
inline constexpr char kSetSiteId[] =
    "UPDATE platform_users SET site_id = ? WHERE row = ?";
inline constexpr char kSetPresence[] =
    "UPDATE platform_users SET presence = ?, signal = ?, active_since = ?,"
    " last_seen = ? WHERE row = ?";
// A lead has a name, an address, a phone, an id of the site or a conversation.
inline constexpr char kSetLead[] =
    "UPDATE platform_users SET lead = site_id IS NOT NULL"
    " OR EXISTS(SELECT 1 FROM platform_props WHERE user = platform_users.row"
    "  AND key IN ('$email', '$name', '$phone'))"
    " OR EXISTS(SELECT 1 FROM platform_conversations"
    "  WHERE user = platform_users.row) WHERE row = ?";

// Properties of leads.
inline constexpr char kListProps[] =
    "SELECT key, value FROM platform_props WHERE user = ? ORDER BY key";
inline constexpr char kFindProp[] =
    "SELECT value FROM platform_props WHERE user = ? AND key = ?";
inline constexpr char kSumProps[] =
    "SELECT COUNT(*), SUM(LENGTH(CAST(key AS BLOB)) + LENGTH(value))"
    " FROM platform_props WHERE user = ?";
inline constexpr char kSetProp[] =
    "INSERT INTO platform_props(user, key, value) VALUES(?, ?, ?)"
    " ON CONFLICT(user, key) DO UPDATE SET value = excluded.value";
inline constexpr char kDeleteProp[] =
    "DELETE FROM platform_props WHERE user = ? AND key = ?";

// Events of leads.
inline constexpr char kFindEventType[] =
    "SELECT row, id FROM platform_event_types WHERE app = ? AND name = ?";
inline constexpr char kFindEventTypeByRow[] =
    "SELECT id, name FROM platform_event_types WHERE row = ?";
inline constexpr char kCountEventTypes[] =
    "SELECT COUNT(*) FROM platform_event_types WHERE app = ?";
inline constexpr char kInsertEventType[] =
    "INSERT INTO platform_event_types(app, id, name) VALUES(?, ?, ?)";
inline constexpr char kInsertEvent[] =
    "INSERT INTO platform_events(app, id, user, type, created, props)"
    " VALUES(?, ?, ?, ?, ?, ?)";
inline constexpr char kListEvents[] =
    "SELECT row, id, type, created, props FROM platform_events"
    " WHERE user = ? AND row < ? ORDER BY row DESC LIMIT ?";
inline constexpr char kListEventsOfType[] =
    "SELECT row, id, type, created, props FROM platform_events"
    " WHERE user = ? AND type = ? AND row < ? ORDER BY row DESC LIMIT ?";
inline constexpr char kCountEvent[] =
    "INSERT INTO platform_event_counts(user, type, count, first, last)"
    " VALUES(?1, ?2, 1, ?3, ?3) ON CONFLICT(user, type) DO UPDATE SET"
    " count = count + 1, first = MIN(first, excluded.first),"
    " last = MAX(last, excluded.last)";
inline constexpr char kListEventCounts[] =
    "SELECT type, count, first, last FROM platform_event_counts"
    " WHERE user = ? ORDER BY type";

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_SQL_USERS_H_
