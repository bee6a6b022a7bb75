#include "server/store/wal_file.h"

#include <sqlite3.h>

#include <algorithm>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite_status.h"

namespace chatgate {
namespace {

// As large as a page may be: SQLite's own way to the disk writes no more than
// 128 KiB at once.
constexpr sqlite3_int64 kBlockBytes = 64 << 10;

// Null where there is no log yet.
absl::StatusOr<sqlite3_file*> OpenWal(Connection& connection) {
  // SQLite opens the log with the first read.
  RETURN_IF_ERROR(connection.Execute("PRAGMA schema_version"));
  sqlite3_file* file = nullptr;
  const int code = sqlite3_file_control(connection.db(), "main",
                                        SQLITE_FCNTL_JOURNAL_POINTER, &file);
  RETURN_IF_ERROR(SqliteStatus(code, connection.db(), "finding the log"));
  return file == nullptr || file->pMethods == nullptr ? nullptr : file;
}

int Rewrite(sqlite3_file* file) {
  sqlite3_int64 size = 0;
  int code = file->pMethods->xFileSize(file, &size);
  std::vector<char> block(std::min(size, kBlockBytes));
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size;) {
    const int bytes = static_cast<int>(std::min(size - at, kBlockBytes));
    code = file->pMethods->xRead(file, block.data(), bytes, at);
    if (code == SQLITE_OK) {
      code = file->pMethods->xWrite(file, block.data(), bytes, at);
    }
    at += bytes;
  }
  return code;
}

}  // namespace

absl::Status RewriteWal(Connection& connection) {
  ASSIGN_OR_RETURN(sqlite3_file* const file, OpenWal(connection));
  if (file == nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(
      SqliteStatus(Rewrite(file), connection.db(), "writing the log anew"));
  return SyncWal(connection);
}

absl::Status SyncWal(Connection& connection) {
  ASSIGN_OR_RETURN(sqlite3_file* const file, OpenWal(connection));
  if (file == nullptr) return absl::OkStatus();
  return SqliteStatus(file->pMethods->xSync(file, SQLITE_SYNC_FULL),
                      connection.db(), "syncing the log");
}

}  // namespace chatgate
