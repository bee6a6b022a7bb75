#ifndef CHATGATE_SERVER_STORE_SQLITE_STATUS_H_
#define CHATGATE_SERVER_STORE_SQLITE_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct sqlite3;

namespace chatgate {

// The status for what SQLite answered; `doing` says what was tried.
// ALREADY_EXISTS for a unique key that is taken, DATA_LOSS for a damaged file,
// UNAVAILABLE where the disk failed, is full, or the database is locked,
// INTERNAL for our bugs.
absl::Status SqliteStatus(int code, sqlite3* db, absl::string_view doing);

// True where the disk, the file or memory failed rather than the statement, so
// that what was written before in the same transaction cannot be relied on.
bool IsStorageFault(int code);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_SQLITE_STATUS_H_
