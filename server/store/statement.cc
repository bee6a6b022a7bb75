#include "server/store/statement.h"

#include <sqlite3.h>

#include <utility>

#include "server/base/status_macros.h"
#include "server/store/sqlite_status.h"

namespace chatgate {
namespace {

// SQLite takes a null pointer for NULL, which an empty view may hold.
const char* NotNull(absl::string_view bytes) {
  return bytes.data() == nullptr ? "" : bytes.data();
}

}  // namespace

Statement::Statement(CachedStatement* cached, absl::Status* fault)
    : cached_(cached), statement_(cached->statement), fault_(fault) {
  cached_->in_use = true;
}

Statement::Statement(Statement&& other) noexcept
    : cached_(std::exchange(other.cached_, nullptr)),
      statement_(other.statement_),
      fault_(other.fault_),
      bind_code_(other.bind_code_) {}

Statement::~Statement() {
  if (cached_ == nullptr) return;
  // Its code repeats that of the last step, which was told already. Bindings
  // are dropped because the bytes they point to go away.
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  cached_->in_use = false;
}

void Statement::Note(int code) {
  if (code != SQLITE_OK && bind_code_ == SQLITE_OK) bind_code_ = code;
}

void Statement::Bind(int index, int64_t value) {
  Note(sqlite3_bind_int64(statement_, index + 1, value));
}

void Statement::Bind(int index, absl::string_view text) {
  Note(sqlite3_bind_text64(statement_, index + 1, NotNull(text), text.size(),
                           SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::BindBlob(int index, absl::string_view bytes) {
  Note(sqlite3_bind_blob64(statement_, index + 1, NotNull(bytes), bytes.size(),
                           SQLITE_STATIC));
}

void Statement::BindDouble(int index, double value) {
  Note(sqlite3_bind_double(statement_, index + 1, value));
}

void Statement::BindNull(int index) {
  Note(sqlite3_bind_null(statement_, index + 1));
}

absl::StatusOr<bool> Statement::Step() {
  sqlite3* const db = sqlite3_db_handle(statement_);
  if (bind_code_ != SQLITE_OK) {
    return SqliteStatus(bind_code_, db, "binding a parameter");
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  absl::Status status = SqliteStatus(code, db, "running a statement");
  if (IsStorageFault(code) && fault_->ok()) *fault_ = status;
  return status;
}

absl::Status Statement::Run() {
  ASSIGN_OR_RETURN(const bool row, Step());
  if (row) return absl::InternalError("a statement without rows gave one");
  return absl::OkStatus();
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::Double(int column) const {
  return sqlite3_column_double(statement_, column);
}

absl::string_view Statement::Text(int column) const {
  const auto* text =
      reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return "";
  return absl::string_view(text, sqlite3_column_bytes(statement_, column));
}

absl::string_view Statement::Blob(int column) const {
  const auto* bytes =
      static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return "";
  return absl::string_view(bytes, sqlite3_column_bytes(statement_, column));
}

}  // namespace chatgate
