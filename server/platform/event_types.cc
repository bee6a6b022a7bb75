#include "server/platform/event_types.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/ids.h"
#include "server/platform/sql.h"

namespace chatgate::platform {

namespace {

v1::EventType MakeEventType(uint64_t id, absl::string_view name) {
  v1::EventType type;
  type.set_id(id);
  type.set_name(std::string(name));
  // The platform has no panel where points and visibility would be set.
  type.set_score(0);
  type.set_visible(true);
  type.set_active(true);
  return type;
}

}  // namespace

absl::StatusOr<std::optional<EventTypeRow>> FindEventType(
    const ReadContext& context, absl::string_view name) {
  ASSIGN_OR_RETURN(Statement select, context.Prepare(kFindEventType));
  select.Bind(0, context.app.sql_id());
  select.Bind(1, name);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return std::nullopt;
  return EventTypeRow{select.Int(0),
                      MakeEventType(IdFromSql(select.Int(1)), name)};
}

absl::StatusOr<EventTypeRow> FindOrCreateEventType(WriteContext& context,
                                                   absl::string_view name) {
  return FindOrAddEventType(context, name, 0);
}

absl::StatusOr<EventTypeRow> FindOrAddEventType(WriteContext& context,
                                                absl::string_view name,
                                                uint64_t id) {
  ASSIGN_OR_RETURN(std::optional<EventTypeRow> known,
                   FindEventType(context, name));
  if (known.has_value()) return *std::move(known);

  ASSIGN_OR_RETURN(Statement count, context.Prepare(kCountEventTypes));
  count.Bind(0, context.app.sql_id());
  RETURN_IF_ERROR(count.Step().status());
  if (count.Int(0) >= static_cast<int64_t>(context.limits.event_types_max)) {
    return InvalidField(
        "event", absl::StrCat("is a new name, and the app has ",
                              context.limits.event_types_max, " already"));
  }
  if (id == 0) {
    ASSIGN_OR_RETURN(id, NewId(context));
  }
  ASSIGN_OR_RETURN(Statement insert, context.Prepare(kInsertEventType));
  insert.Bind(0, context.app.sql_id());
  insert.Bind(1, IdToSql(id));
  insert.Bind(2, name);
  RETURN_IF_ERROR(insert.Run());
  return EventTypeRow{context.db.LastInsertRowid(), MakeEventType(id, name)};
}

absl::Status StoreUserEvent(WriteContext& context, int64_t user, int64_t type,
                            const v1::UserEvent& event) {
  const std::string props = event.props().SerializeAsString();
  ASSIGN_OR_RETURN(Statement insert, context.Prepare(kInsertEvent));
  insert.Bind(0, context.app.sql_id());
  insert.Bind(1, IdToSql(event.id()));
  insert.Bind(2, user);
  insert.Bind(3, type);
  insert.Bind(4, event.created());
  insert.BindBlob(5, props);
  RETURN_IF_ERROR(insert.Run());
  ASSIGN_OR_RETURN(Statement count, context.Prepare(kCountEvent));
  count.Bind(0, user);
  count.Bind(1, type);
  count.Bind(2, event.created());
  return count.Run();
}

absl::StatusOr<v1::EventType> ReadEventType(const ReadContext& context,
                                            int64_t row) {
  ASSIGN_OR_RETURN(Statement select, context.Prepare(kFindEventTypeByRow));
  select.Bind(0, row);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) {
    return absl::DataLossError(
        absl::StrCat("row ", row, " of platform_event_types is gone"));
  }
  return MakeEventType(IdFromSql(select.Int(0)), select.Text(1));
}

absl::StatusOr<std::vector<v1::UserEventCount>> ReadEventCounts(
    const ReadContext& context, int64_t user) {
  std::vector<v1::UserEventCount> counts;
  ASSIGN_OR_RETURN(Statement select, context.Prepare(kListEventCounts));
  select.Bind(0, user);
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return counts;
    v1::UserEventCount& count = counts.emplace_back();
    ASSIGN_OR_RETURN(*count.mutable_event_type(),
                     ReadEventType(context, select.Int(0)));
    count.set_count(select.Int(1));
    count.set_first(select.Int(2));
    count.set_last(select.Int(3));
  }
}

}  // namespace chatgate::platform
