#ifndef CHATGATE_SERVER_STORE_DATABASE_H_
#define CHATGATE_SERVER_STORE_DATABASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/statement.h"

struct sqlite3;

namespace chatgate {

// Platform ids are unsigned, SQLite's integers are signed: an id is stored as
// the int64 that sorts in the same order (id XOR 2^63).
constexpr int64_t IdToSql(uint64_t id) {
  return static_cast<int64_t>(id ^ (uint64_t{1} << 63));
}
constexpr uint64_t IdFromSql(int64_t value) {
  return static_cast<uint64_t>(value) ^ (uint64_t{1} << 63);
}

// One connection to the database, with its cache of prepared statements. Used
// by one thread at a time.
class Connection {
 public:
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `vfs` names SQLite's way to the disk; empty is the usual one.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const std::string& path, bool read_only, const std::string& vfs = "");

  // From the cache where the same text was prepared before. INTERNAL when the
  // statement is still in use, or is no SQL.
  absl::StatusOr<Statement> Prepare(absl::string_view sql);

  // Runs any number of statements without rows.
  absl::Status Execute(const std::string& sql);

  // Whether the last connection to close copies the log into the database: only
  // one that has made the log true may (see wal_file.h). Off at first.
  void SetCheckpointOnClose(bool checkpoint);

  int64_t LastInsertRowid() const;
  // Rows that the last statement changed.
  int Changes() const;
  sqlite3* db() { return db_; }

  // OK, or the first failure of disk, file or memory that a statement met. What
  // the transaction wrote before it may be gone.
  const absl::Status& fault() const { return fault_; }

 private:
  // Lets the cache be asked with a view.
  struct SqlHash {
    using is_transparent = void;
    size_t operator()(std::string_view sql) const {
      return std::hash<std::string_view>()(sql);
    }
  };

  explicit Connection(sqlite3* db) : db_(db) {}

  sqlite3* db_;
  absl::Status fault_;
  std::unordered_map<std::string, CachedStatement, SqlHash, std::equal_to<>>
      statements_;
};

// What a Work of the store sees: the writer's connection inside an open
// transaction.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}

  Connection& connection() { return connection_; }
  absl::StatusOr<Statement> Prepare(absl::string_view sql) {
    return connection_.Prepare(sql);
  }

  // Runs once the transaction is on stable storage, before the Done of the
  // work, on the writer thread and in the order of the calls. Forgotten when
  // the work fails or the commit does.
  void OnCommit(std::function<void()> hook) {
    commit_hooks_.push_back(std::move(hook));
  }

  // Runs when what the work did is undone, because it failed or the commit did;
  // on the writer thread, last registered first, before the next work begins.
  // For state in memory that follows the tables.
  void OnRollback(std::function<void()> hook) {
    rollback_hooks_.push_back(std::move(hook));
  }

 private:
  friend class Writer;

  Connection& connection_;  // Outlives this.
  std::vector<std::function<void()>> commit_hooks_;
  std::vector<std::function<void()>> rollback_hooks_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_DATABASE_H_
