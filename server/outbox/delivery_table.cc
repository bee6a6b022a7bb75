#include "server/outbox/delivery_table.h"

#include "server/base/status_macros.h"

namespace chatgate::delivery_table {
namespace {

int64_t Ms(absl::Time time) { return absl::ToUnixMillis(time); }

absl::StatusOr<LaneRun> ReadRun(Connection& connection, int64_t target_id,
                                std::string lane, size_t deliveries_max,
                                size_t bytes_max) {
  LaneRun run;
  run.target_id = target_id;
  run.lane = std::move(lane);
  ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT id, attempts, since_ms, body FROM"
                         " outbox_deliveries WHERE target_id=? AND lane=? AND"
                         " state=1 ORDER BY id LIMIT ?"));
  select.Bind(0, target_id);
  select.Bind(1, run.lane);
  select.Bind(2, static_cast<int64_t>(deliveries_max));
  size_t bytes = 0;
  while (bytes < bytes_max) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) break;
    run.deliveries.push_back({.id = select.Int(0),
                              .attempts = select.Int(1),
                              .since = absl::FromUnixMillis(select.Int(2)),
                              .body = std::string(select.Blob(3))});
    bytes += run.deliveries.back().body.size();
  }
  return run;
}

}  // namespace

absl::StatusOr<int64_t> UpsertTarget(Transaction& transaction, uint64_t app_id,
                                     absl::string_view url_digest,
                                     absl::string_view redacted_url,
                                     absl::Time now) {
  {
    ASSIGN_OR_RETURN(
        Statement insert,
        transaction.Prepare("INSERT INTO outbox_targets (app_id, url_digest,"
                            " url) VALUES (?,?,?) ON CONFLICT DO NOTHING"));
    insert.Bind(0, IdToSql(app_id));
    insert.Bind(1, url_digest);
    insert.Bind(2, redacted_url);
    RETURN_IF_ERROR(insert.Run());
  }
  ASSIGN_OR_RETURN(Statement select,
                   transaction.Prepare("SELECT id FROM outbox_targets WHERE"
                                       " app_id=? AND url_digest=?"));
  select.Bind(0, IdToSql(app_id));
  select.Bind(1, url_digest);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return absl::InternalError("a target that was added is missing");
  const int64_t id = select.Int(0);
  ASSIGN_OR_RETURN(
      Statement go_on,
      transaction.Prepare("UPDATE outbox_targets SET silent_since_ms="
                          "silent_since_ms+MAX(0,?1-last_error_ms)"
                          " WHERE id=?2 AND silent_since_ms IS NOT NULL"));
  go_on.Bind(0, Ms(now));
  go_on.Bind(1, id);
  RETURN_IF_ERROR(go_on.Run());
  return id;
}

absl::StatusOr<bool> Add(Transaction& transaction, int64_t target_id,
                         const WebhookForm& form, absl::Time now,
                         const DeliveryLimits& limits) {
  const auto bytes = static_cast<int64_t>(form.body.size());
  {
    ASSIGN_OR_RETURN(
        Statement count,
        transaction.Prepare("UPDATE outbox_targets SET pending=pending+1,"
                            " bytes=bytes+?1 WHERE id=?2 AND pending<?3 AND"
                            " bytes+?1<=?4"));
    count.Bind(0, bytes);
    count.Bind(1, target_id);
    count.Bind(2, limits.pending_max);
    count.Bind(3, limits.bytes_max);
    RETURN_IF_ERROR(count.Run());
  }
  if (transaction.connection().Changes() == 0) {
    ASSIGN_OR_RETURN(Statement drop,
                     transaction.Prepare("UPDATE outbox_targets SET"
                                         " dropped=dropped+1 WHERE id=?"));
    drop.Bind(0, target_id);
    RETURN_IF_ERROR(drop.Run());
    return false;
  }
  ASSIGN_OR_RETURN(
      Statement insert,
      transaction.Prepare("INSERT INTO outbox_deliveries (target_id, lane,"
                          " kind, subject_id, state, created_ms, since_ms,"
                          " body) VALUES (?1,?2,?3,?4,1,?5,?5,?6)"));
  insert.Bind(0, target_id);
  insert.Bind(1, form.lane);
  insert.Bind(2, int64_t{form.kind});
  insert.Bind(3, IdToSql(form.subject_id));
  insert.Bind(4, Ms(now));
  insert.BindBlob(5, form.body);
  RETURN_IF_ERROR(insert.Run());
  ASSIGN_OR_RETURN(Statement lane,
                   transaction.Prepare("INSERT INTO outbox_lanes VALUES (?,?,?)"
                                       " ON CONFLICT DO NOTHING"));
  lane.Bind(0, target_id);
  lane.Bind(1, form.lane);
  lane.Bind(2, Ms(now));
  RETURN_IF_ERROR(lane.Run());
  return true;
}

absl::StatusOr<Due> FindDue(Connection& connection, int64_t target_id,
                            absl::Time now, const std::set<std::string>& busy,
                            size_t deliveries_max, size_t bytes_max) {
  Due result;
  std::string lane;
  {
    ASSIGN_OR_RETURN(Statement select,
                     connection.Prepare("SELECT lane, due_ms FROM outbox_lanes"
                                        " WHERE target_id=? ORDER BY due_ms"));
    select.Bind(0, target_id);
    while (true) {
      ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) return result;
      lane = std::string(select.Text(0));
      if (!busy.contains(lane)) break;  // So it reads few rows.
    }
    const absl::Time due = absl::FromUnixMillis(select.Int(1));
    if (due > now) {
      result.next_due = due;
      return result;
    }
  }
  ASSIGN_OR_RETURN(result.run, ReadRun(connection, target_id, std::move(lane),
                                       deliveries_max, bytes_max));
  return result;
}

absl::StatusOr<std::vector<int64_t>> FindFailed(Connection& connection,
                                                int64_t target_id,
                                                size_t deliveries_max) {
  ASSIGN_OR_RETURN(Statement select,
                   connection.Prepare("SELECT id FROM outbox_deliveries WHERE"
                                      " target_id=? AND state=2 ORDER BY id"
                                      " LIMIT ?"));
  select.Bind(0, target_id);
  select.Bind(1, static_cast<int64_t>(deliveries_max));
  std::vector<int64_t> ids;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return ids;
    ids.push_back(select.Int(0));
  }
}

absl::StatusOr<bool> Resend(Transaction& transaction, int64_t id,
                            const std::set<int64_t>& target_ids, absl::Time now,
                            const DeliveryLimits& limits) {
  int64_t target_id = 0;
  std::string lane;
  {
    ASSIGN_OR_RETURN(Statement select,
                     transaction.Prepare("SELECT target_id, lane FROM"
                                         " outbox_deliveries WHERE id=? AND"
                                         " state=2"));
    select.Bind(0, id);
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found || !target_ids.contains(select.Int(0))) return false;
    target_id = select.Int(0);
    lane = std::string(select.Text(1));
  }
  {
    ASSIGN_OR_RETURN(Statement count,
                     transaction.Prepare("UPDATE outbox_targets SET"
                                         " pending=pending+1, failed=failed-1"
                                         " WHERE id=? AND pending<?"));
    count.Bind(0, target_id);
    count.Bind(1, limits.pending_max);
    RETURN_IF_ERROR(count.Run());
  }
  if (transaction.connection().Changes() == 0) {
    return absl::ResourceExhaustedError("too much waits for the target");
  }
  ASSIGN_OR_RETURN(Statement wait,
                   transaction.Prepare("UPDATE outbox_deliveries SET state=1,"
                                       " attempts=0, since_ms=? WHERE id=?"));
  wait.Bind(0, Ms(now));
  wait.Bind(1, id);
  RETURN_IF_ERROR(wait.Run());
  ASSIGN_OR_RETURN(Statement due,
                   transaction.Prepare(
                       "INSERT INTO outbox_lanes VALUES (?,?,?) ON CONFLICT"
                       " DO UPDATE SET due_ms=min(due_ms, excluded.due_ms)"));
  due.Bind(0, target_id);
  due.Bind(1, lane);
  due.Bind(2, Ms(now));
  RETURN_IF_ERROR(due.Run());
  return true;
}

}  // namespace chatgate::delivery_table
