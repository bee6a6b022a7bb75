#include "server/platform/user_row.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/arguments.h"
#include "server/platform/ids.h"
#include "server/platform/sql.h"

namespace chatgate::platform {

namespace {

absl::StatusOr<std::optional<UserRow>> StepUser(Statement& select) {
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return std::nullopt;
  return ReadUserRow(select);
}

// Unknown in the facts for ids of another app is whether the platform says
// LookupError or PermissionDeniedError; its error table describes the second.
absl::Status UserNotFound(const ReadContext& context, uint64_t id) {
  ASSIGN_OR_RETURN(Statement foreign, context.Prepare(kFindForeignUser));
  foreign.Bind(0, IdToSql(id));
  ASSIGN_OR_RETURN(const bool known, foreign.Step());
  if (known) {
    return MakeError("PermissionDeniedError",
                     absl::StrCat("user ", id, " belongs to another app"));
  }
  return MakeError("LookupError", absl::StrCat("user ", id, " is not known"));
}

absl::Status TouchUser(WriteContext& context, const char* sql, int64_t row) {
  ASSIGN_OR_RETURN(Statement touch, context.Prepare(sql));
  touch.Bind(0, absl::ToUnixMicros(context.now));
  touch.Bind(1, row);
  return touch.Run();
}

}  // namespace

UserRow ReadUserRow(const Statement& select) {
  UserRow user;
  user.row = select.Int(0);
  user.id = IdFromSql(select.Int(1));
  if (!select.IsNull(2)) user.site_id = std::string(select.Text(2));
  user.created = select.Int(3);
  user.last_seen = select.Int(4);
  user.last_reply = select.Int(5);
  user.last_contacted = select.Int(6);
  user.presence = select.Int(7);
  user.signal = select.Int(8);
  user.active_since = select.Int(9);
  return user;
}

absl::StatusOr<std::optional<UserRow>> FindUserById(const ReadContext& context,
                                                    uint64_t id) {
  ASSIGN_OR_RETURN(Statement select, context.Prepare(kFindUserById));
  select.Bind(0, IdToSql(id));
  select.Bind(1, context.app.sql_id());
  return StepUser(select);
}

absl::StatusOr<UserRow> FindUserByRow(const ReadContext& context, int64_t row) {
  ASSIGN_OR_RETURN(Statement select, context.Prepare(kFindUserByRow));
  select.Bind(0, row);
  ASSIGN_OR_RETURN(std::optional<UserRow> user, StepUser(select));
  if (!user.has_value()) {
    return absl::DataLossError(
        absl::StrCat("row ", row, " of platform_users is gone"));
  }
  return *std::move(user);
}

absl::StatusOr<std::optional<UserRow>> FindUserBySiteId(
    const ReadContext& context, absl::string_view site_id) {
  ASSIGN_OR_RETURN(Statement select, context.Prepare(kFindUserBySiteId));
  select.Bind(0, context.app.sql_id());
  select.Bind(1, site_id);
  return StepUser(select);
}

absl::StatusOr<UserRow> FindUser(const ReadContext& context,
                                 absl::string_view user_id, bool by_user_id) {
  RETURN_IF_ERROR(
      CheckText("user_id", user_id, 1, context.limits.name_chars_max));
  if (by_user_id) {
    ASSIGN_OR_RETURN(std::optional<UserRow> user,
                     FindUserBySiteId(context, user_id));
    if (user.has_value()) return *std::move(user);
    return MakeError("LookupError", absl::StrCat("no user has the site's id \"",
                                                 user_id, "\""));
  }
  const absl::StatusOr<uint64_t> id = ParseId("user_id", user_id);
  if (!id.ok()) {
    return InvalidField("user_id",
                        "must be an id, 1 to 2^64-1; GetUser with "
                        "by_user_id=true finds it by the site's own id");
  }
  ASSIGN_OR_RETURN(std::optional<UserRow> user, FindUserById(context, *id));
  if (user.has_value()) return *std::move(user);
  return UserNotFound(context, *id);
}

absl::StatusOr<UserRow> FindOrCreateUser(WriteContext& context,
                                         absl::string_view user_id,
                                         bool by_user_id) {
  if (!by_user_id) return FindUser(context, user_id, false);
  RETURN_IF_ERROR(
      CheckText("user_id", user_id, 1, context.limits.name_chars_max));
  ASSIGN_OR_RETURN(std::optional<UserRow> user,
                   FindUserBySiteId(context, user_id));
  if (user.has_value()) return *std::move(user);
  ASSIGN_OR_RETURN(const uint64_t id, NewIdNotIn(context, kFindUserById));
  return CreateUser(context, id, std::string(user_id));
}

absl::StatusOr<UserRow> CreateUser(WriteContext& context, uint64_t id,
                                   std::optional<std::string> site_id) {
  UserRow user;
  user.id = id;
  user.site_id = std::move(site_id);
  user.created = user.last_seen = absl::ToUnixMicros(context.now);
  ASSIGN_OR_RETURN(Statement insert, context.Prepare(kInsertUser));
  insert.Bind(0, context.app.sql_id());
  insert.Bind(1, IdToSql(user.id));
  if (user.site_id.has_value()) {
    insert.Bind(2, *user.site_id);
  } else {
    insert.BindNull(2);
  }
  insert.Bind(3, user.created);
  insert.Bind(4, user.last_seen);
  insert.Bind(5, int64_t{user.site_id.has_value()});
  RETURN_IF_ERROR(insert.Run());
  user.row = context.db.LastInsertRowid();
  return user;
}

absl::Status TouchUserReply(WriteContext& context, int64_t row) {
  return TouchUser(context, kTouchUserReply, row);
}

absl::Status TouchUserContacted(WriteContext& context, int64_t row) {
  return TouchUser(context, kTouchUserContacted, row);
}

}  // namespace chatgate::platform
