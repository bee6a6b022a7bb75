#ifndef CHATGATE_SERVER_STORE_DATABASE_H_
#define CHATGATE_SERVER_STORE_DATABASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace chatgate {

// Platform ids are unsigned, SQLite's integers are signed: an id is stored as
// the int64 that sorts in the same order (id XOR 2^63).
constexpr int64_t IdToSql(uint64_t id) {
  return static_cast<int64_t>(id ^ (uint64_t{1} << 63));
}
constexpr uint64_t IdFromSql(int64_t value) {
  return static_cast<uint64_t>(value) ^ (uint64_t{1} << 63);
}

// A prepared statement that is bound and being stepped. Reset when it goes out
// of scope; it lives no longer than its Connection. Columns and parameters
// count from 0; views are valid until the next Step.
//
//   ASSIGN_OR_RETURN(Statement select, connection.Prepare("SELECT a FROM t
//   WHERE b=?")); select.Bind(0, 42); while (true) {
//     ASSIGN_OR_RETURN(bool row, select.Step());
//     if (!row) break;
//     use(select.Int(0));
//   }
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  void Bind(int index, int64_t value);
  void Bind(int index, absl::string_view text);       // Must outlive the steps.
  void BindBlob(int index, absl::string_view bytes);  // Must outlive the steps.
  void BindDouble(int index, double value);
  void BindNull(int index);

  // True when there is a row.
  absl::StatusOr<bool> Step();
  // Steps a statement that gives no rows.
  absl::Status Run();

  bool IsNull(int column) const;
  int64_t Int(int column) const;
  double Double(int column) const;
  absl::string_view Text(int column) const;
  absl::string_view Blob(int column) const;

 private:
  friend class Connection;
  Statement(sqlite3* db, sqlite3_stmt* statement)
      : db_(db), statement_(statement) {}

  sqlite3* db_;
  sqlite3_stmt* statement_;
};

// One connection to the database, with its cache of prepared statements. Used
// by one thread at a time.
class Connection {
 public:
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const std::string& path, bool read_only);

  // From the cache where the same text was prepared before. INTERNAL when the
  // statement is still in use, or is no SQL.
  absl::StatusOr<Statement> Prepare(absl::string_view sql);

  // Runs any number of statements without rows.
  absl::Status Execute(const std::string& sql);

  int64_t LastInsertRowid() const;
  // Rows that the last statement changed.
  int Changes() const;
  sqlite3* db() { return db_; }

 private:
  explicit Connection(sqlite3* db) : db_(db) {}

  sqlite3* db_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
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
    hooks_.push_back(std::move(hook));
  }

 private:
  friend class Writer;

  Connection& connection_;  // Outlives this.
  std::vector<std::function<void()>> hooks_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_DATABASE_H_
