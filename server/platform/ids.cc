#include "server/platform/ids.h"

#include "server/base/status_macros.h"
#include "server/platform/sql.h"

namespace chatgate::platform {

absl::StatusOr<uint64_t> NewId(WriteContext& context) {
  ASSIGN_OR_RETURN(Statement next, context.Prepare(kNextId));
  ASSIGN_OR_RETURN(bool row, next.Step());
  if (!row) return absl::DataLossError("the counter of ids is gone");
  const auto id = static_cast<uint64_t>(next.Int(0));
  // The statement is finished, so that its change stands.
  ASSIGN_OR_RETURN(row, next.Step());
  return id;
}

absl::StatusOr<uint64_t> NewIdNotIn(WriteContext& context,
                                    absl::string_view find_sql) {
  // Ends: each id that is passed over is one adopted row, and is never asked
  // again.
  while (true) {
    ASSIGN_OR_RETURN(const uint64_t id, NewId(context));
    ASSIGN_OR_RETURN(Statement find, context.Prepare(find_sql));
    find.Bind(0, IdToSql(id));
    find.Bind(1, context.app.sql_id());
    ASSIGN_OR_RETURN(const bool taken, find.Step());
    if (!taken) return id;
  }
}

}  // namespace chatgate::platform
