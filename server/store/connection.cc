#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/store/database.h"
#include "server/store/sqlite_status.h"

namespace chatgate {
namespace {

// secure_delete: Debian compiles it on, which doubles what a delete writes.
// wal_autocheckpoint: SQLite drops the error of a failed sync in its own.
constexpr char kWriterPragmas[] =
    "PRAGMA busy_timeout=5000;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA wal_autocheckpoint=0;"
    "PRAGMA secure_delete=OFF;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-32768;"
    "PRAGMA foreign_keys=ON;";

constexpr char kReaderPragmas[] =
    "PRAGMA busy_timeout=5000;"
    "PRAGMA query_only=ON;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-4096;";

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const std::string& path, bool read_only, const std::string& vfs) {
  sqlite3* db = nullptr;
  // Readers too open for writing: in WAL mode they share the index in memory.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_EXRESCODE |
                    (read_only ? 0 : SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(path.c_str(), &db, flags,
                                   vfs.empty() ? nullptr : vfs.c_str());
  // SQLite gives a handle also when it fails.
  std::unique_ptr<Connection> connection(new Connection(db));
  RETURN_IF_ERROR(SqliteStatus(code, db, absl::StrCat("opening ", path)));
  connection->SetCheckpointOnClose(false);
  RETURN_IF_ERROR(
      connection->Execute(read_only ? kReaderPragmas : kWriterPragmas));
  return connection;
}

void Connection::SetCheckpointOnClose(bool checkpoint) {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, checkpoint ? 0 : 1,
                    nullptr);
}

Connection::~Connection() {
  for (auto& [sql, cached] : statements_) sqlite3_finalize(cached.statement);
  sqlite3_close_v2(db_);
}

absl::StatusOr<Statement> Connection::Prepare(absl::string_view sql) {
  const std::string_view key(sql.data(), sql.size());
  auto found = statements_.find(key);
  if (found == statements_.end()) {
    sqlite3_stmt* statement = nullptr;
    const int code =
        sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
      absl::Status status =
          SqliteStatus(code, db_, absl::StrCat("preparing ", sql));
      if (IsStorageFault(code) && fault_.ok()) fault_ = status;
      return status;
    }
    if (statement == nullptr) return absl::InternalError("an empty statement");
    found =
        statements_.emplace(key, CachedStatement{.statement = statement}).first;
  }
  if (found->second.in_use) {
    return absl::InternalError(absl::StrCat("statement is in use: ", sql));
  }
  return Statement(&found->second, &fault_);
}

absl::Status Connection::Execute(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  absl::Status status = SqliteStatus(code, db_, "running SQL");
  if (IsStorageFault(code) && fault_.ok()) fault_ = status;
  return status;
}

int64_t Connection::LastInsertRowid() const {
  return sqlite3_last_insert_rowid(db_);
}

int Connection::Changes() const { return sqlite3_changes(db_); }

}  // namespace chatgate
