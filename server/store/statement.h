#ifndef CHATGATE_SERVER_STORE_STATEMENT_H_
#define CHATGATE_SERVER_STORE_STATEMENT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sqlite3;
struct sqlite3_stmt;

namespace chatgate {

// An entry of a connection's cache.
struct CachedStatement {
  sqlite3_stmt* statement = nullptr;
  bool in_use = false;
};

// A prepared statement that is bound and being stepped. Reset when it goes out
// of scope; it lives no longer than its Connection. Columns and parameters
// count from 0; views are valid until the next Step. A parameter that cannot be
// bound is told by the next Step.
//
//   ASSIGN_OR_RETURN(Statement select,
//                    connection.Prepare("SELECT a FROM t WHERE b=?"));
//   select.Bind(0, int64_t{42});
//   while (true) {
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
  Statement(CachedStatement* cached, absl::Status* fault);

  void Note(int code);

  CachedStatement* cached_;  // Null when moved from.
  sqlite3_stmt* statement_;
  absl::Status* fault_;  // The connection's.
  int bind_code_ = 0;    // The first one that is not OK.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_STATEMENT_H_
