#ifndef CHATGATE_SERVER_STORE_WAL_FILE_H_
#define CHATGATE_SERVER_STORE_WAL_FILE_H_

#include "absl/status/status.h"
#include "server/store/database.h"

namespace chatgate {

// SQLite takes what it reads in the write-ahead log for what the disk holds.
// After a sync that failed in an earlier life it is not: the frames read back
// well from the system's cache and were never written. A checkpoint that trusts
// them, and a power cut, leave a database of which a part is newer than the
// rest. So the log is made true before its first checkpoint.
//
// `connection` is the only one that is open. UNAVAILABLE when the disk fails.

// Writes every byte of the log anew where it stands, and syncs it.
absl::Status RewriteWal(Connection& connection);

// Syncs the log, its length too. SQLite leaves that to the next commit, and
// until then a power cut would bring back frames that are in the database.
absl::Status SyncWal(Connection& connection);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_WAL_FILE_H_
