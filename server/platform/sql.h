#ifndef CHATGATE_SERVER_PLATFORM_SQL_H_
#define CHATGATE_SERVER_PLATFORM_SQL_H_

#include <string>
#include <vector>

#include "server/platform/sql_conversations.h"
#include "server/platform/sql_records.h"
#include "server/platform/sql_users.h"

// Every fixed statement of the platform stands here, in sql_users.h or in
// sql_conversations.h; the lists of conversations, whose text depends on the
// arguments, are in conversation_list.h. A test asks SQLite for
// the plan of each and refuses one that reads a table without an index.
namespace chatgate::platform {

// Ids.
inline constexpr char kNextId[] =
    "UPDATE platform_ids SET last = last + 1 WHERE one = 1 RETURNING last";

// Calls that are to happen once.
inline constexpr char kFindRequest[] =
    "SELECT fingerprint, response FROM platform_request_ids"
    " WHERE app = ? AND method = ? AND id = ?";
inline constexpr char kInsertRequest[] =
    "INSERT INTO platform_request_ids(app, method, id, fingerprint, response)"
    " VALUES(?, ?, ?, ?, ?)";

// All of the above and every list of conversations.
std::vector<std::string> EveryStatement();

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_SQL_H_
