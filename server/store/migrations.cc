#include "server/store/migrations.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

absl::StatusOr<int64_t> VersionOf(Connection& connection,
                                  const std::string& room) {
  ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT version FROM schema_versions WHERE room=?"));
  select.Bind(0, absl::string_view(room));
  ASSIGN_OR_RETURN(const bool known, select.Step());
  return known ? select.Int(0) : 0;
}

absl::Status RunStep(Connection& connection, const Schema& schema,
                     int64_t version) {
  RETURN_IF_ERROR(connection.Execute(schema.steps[version]));
  ASSIGN_OR_RETURN(
      Statement upsert,
      connection.Prepare("INSERT INTO schema_versions VALUES (?, ?) ON CONFLICT"
                         " (room) DO UPDATE SET version=excluded.version"));
  upsert.Bind(0, absl::string_view(schema.room));
  upsert.Bind(1, version + 1);
  return upsert.Run();
}

absl::Status MigrateRoom(Connection& connection, const Schema& schema) {
  ASSIGN_OR_RETURN(int64_t version, VersionOf(connection, schema.room));
  const int64_t known = static_cast<int64_t>(schema.steps.size());
  if (version > known) {
    return absl::FailedPreconditionError(
        absl::StrCat("the tables of ", schema.room, " have version ", version,
                     ", this program knows ", known, ": use a newer program"));
  }
  for (; version < known; ++version) {
    RETURN_IF_ERROR(connection.Execute("BEGIN IMMEDIATE"));
    const absl::Status status = RunStep(connection, schema, version);
    if (!status.ok()) {
      // The step's own failure is what the caller must know.
      connection.Execute("ROLLBACK").IgnoreError();
      return absl::Status(status.code(),
                          absl::StrCat("tables of ", schema.room, ", step ",
                                       version, ": ", status.message()));
    }
    RETURN_IF_ERROR(connection.Execute("COMMIT"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(Connection& connection,
                     const std::vector<Schema>& schemas) {
  RETURN_IF_ERROR(connection.Execute(
      "CREATE TABLE IF NOT EXISTS schema_versions ("
      " room TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID"));
  for (const Schema& schema : schemas) {
    RETURN_IF_ERROR(MigrateRoom(connection, schema));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
