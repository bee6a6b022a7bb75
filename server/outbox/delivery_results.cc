#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/outbox/delivery_table.h"

namespace chatgate::delivery_table {
namespace {

constexpr int64_t kBatch = 1000;

int64_t Ms(absl::Time time) { return absl::ToUnixMillis(time); }

// What a delivery counts for.
struct Weight {
  int64_t state = 0;
  int64_t bytes = 0;
};

// A row goes away; `column` of its target counts it.
absl::Status Remove(Transaction& transaction, int64_t target_id, int64_t id,
                    const Weight& weight, absl::string_view column) {
  ASSIGN_OR_RETURN(
      Statement remove,
      transaction.Prepare("DELETE FROM outbox_deliveries WHERE id=?"));
  remove.Bind(0, id);
  RETURN_IF_ERROR(remove.Run());
  ASSIGN_OR_RETURN(
      Statement count,
      transaction.Prepare(absl::StrCat(
          "UPDATE outbox_targets SET pending=pending-?, failed=failed-?,"
          " bytes=bytes-?, ",
          column, "=", column, "+1 WHERE id=?")));
  count.Bind(0, int64_t{weight.state == kPending});
  count.Bind(1, int64_t{weight.state == kFailed});
  count.Bind(2, weight.bytes);
  count.Bind(3, target_id);
  return count.Run();
}

// The lane's next delivery is due at `due`; without one the lane goes away.
absl::Status AdvanceLane(Transaction& transaction, int64_t target_id,
                         absl::string_view lane, absl::Time due) {
  ASSIGN_OR_RETURN(
      Statement first,
      transaction.Prepare("SELECT 1 FROM outbox_deliveries WHERE target_id=?"
                          " AND lane=? AND state=1 LIMIT 1"));
  first.Bind(0, target_id);
  first.Bind(1, lane);
  ASSIGN_OR_RETURN(const bool more, first.Step());
  ASSIGN_OR_RETURN(
      Statement change,
      transaction.Prepare(
          more ? "UPDATE outbox_lanes SET due_ms=?3 WHERE target_id=?1 AND"
                 " lane=?2"
               : "DELETE FROM outbox_lanes WHERE target_id=?1 AND lane=?2"));
  change.Bind(0, target_id);
  change.Bind(1, lane);
  if (more) change.Bind(2, Ms(due));
  return change.Run();
}

absl::StatusOr<int64_t> Count(Transaction& transaction, int64_t target_id,
                              absl::string_view column) {
  ASSIGN_OR_RETURN(Statement select,
                   transaction.Prepare(absl::StrCat(
                       "SELECT ", column, " FROM outbox_targets WHERE id=?")));
  select.Bind(0, target_id);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  return found && !select.IsNull(0) ? select.Int(0) : int64_t{-1};
}

absl::Status DropOldestFailed(Transaction& transaction, int64_t target_id) {
  int64_t id = 0;
  Weight weight{.state = kFailed};
  {
    ASSIGN_OR_RETURN(
        Statement oldest,
        transaction.Prepare("SELECT id, length(body) FROM outbox_deliveries"
                            " WHERE target_id=? AND state=2 ORDER BY id"
                            " LIMIT 1"));
    oldest.Bind(0, target_id);
    ASSIGN_OR_RETURN(const bool found, oldest.Step());
    if (!found) return absl::OkStatus();
    id = oldest.Int(0);
    weight.bytes = oldest.Int(1);
  }
  return Remove(transaction, target_id, id, weight, "dropped");
}

// A delivery that waits is given up.
absl::Status GiveUp(Transaction& transaction, int64_t target_id, int64_t id,
                    int64_t attempts_more, const std::string& error,
                    const DeliveryLimits& limits) {
  ASSIGN_OR_RETURN(
      Statement mark,
      transaction.Prepare("UPDATE outbox_deliveries SET state=2,"
                          " attempts=attempts+?, last_error=? WHERE id=?"));
  mark.Bind(0, attempts_more);
  mark.Bind(1, error);
  mark.Bind(2, id);
  RETURN_IF_ERROR(mark.Run());
  ASSIGN_OR_RETURN(
      Statement count,
      transaction.Prepare("UPDATE outbox_targets SET pending=pending-1,"
                          " failed=failed+1 WHERE id=?"));
  count.Bind(0, target_id);
  RETURN_IF_ERROR(count.Run());
  ASSIGN_OR_RETURN(const int64_t failed,
                   Count(transaction, target_id, "failed"));
  return failed > limits.failed_max ? DropOldestFailed(transaction, target_id)
                                    : absl::OkStatus();
}

absl::Status CountFailure(Transaction& transaction,
                          const FailedAttempt& attempt) {
  // What is unknown about the target's silence stays as it was.
  ASSIGN_OR_RETURN(
      Statement count,
      transaction.Prepare(
          attempt.answered
              ? "UPDATE outbox_targets SET attempts_failed=attempts_failed+1,"
                " last_error=?1, last_error_ms=?2, silent_since_ms=NULL"
                " WHERE id=?3"
          : attempt.silent
              ? "UPDATE outbox_targets SET attempts_failed=attempts_failed+1,"
                " last_error=?1, last_error_ms=?2,"
                " silent_since_ms=COALESCE(silent_since_ms,?2) WHERE id=?3"
              : "UPDATE outbox_targets SET attempts_failed=attempts_failed+1,"
                " last_error=?1, last_error_ms=?2 WHERE id=?3"));
  count.Bind(0, attempt.error);
  count.Bind(1, Ms(attempt.now));
  count.Bind(2, attempt.target_id);
  return count.Run();
}

// The deliveries of a target that has been silent for long would each need an
// attempt to be given up, and there are too few: so they go together.
absl::StatusOr<int> GiveUpSilent(Transaction& transaction,
                                 const FailedAttempt& attempt,
                                 const DeliveryLimits& limits) {
  const int64_t too_old = Ms(attempt.now - limits.give_up_after);
  ASSIGN_OR_RETURN(const int64_t silent_since,
                   Count(transaction, attempt.target_id, "silent_since_ms"));
  if (silent_since < 0 || silent_since > too_old) return 0;
  std::vector<std::pair<int64_t, std::string>> old;
  {
    // Examines a batch alone: the oldest come first.
    ASSIGN_OR_RETURN(
        Statement select,
        transaction.Prepare("SELECT id, lane, since_ms FROM outbox_deliveries"
                            " WHERE target_id=? AND state=1 ORDER BY id"
                            " LIMIT ?"));
    select.Bind(0, attempt.target_id);
    select.Bind(1, kBatch);
    while (true) {
      ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) break;
      if (select.Int(2) > too_old) continue;
      old.emplace_back(select.Int(0), select.Text(1));
    }
  }
  for (const auto& [id, lane] : old) {
    RETURN_IF_ERROR(GiveUp(transaction, attempt.target_id, id, 0,
                           "the target is silent", limits));
    RETURN_IF_ERROR(
        AdvanceLane(transaction, attempt.target_id, lane, attempt.now));
  }
  return static_cast<int>(old.size());
}

}  // namespace

absl::Status RecordDelivered(Transaction& transaction, int64_t target_id,
                             const std::string& lane, int64_t id,
                             absl::Time now) {
  std::optional<Weight> weight;
  {
    ASSIGN_OR_RETURN(Statement select,
                     transaction.Prepare("SELECT state, length(body) FROM"
                                         " outbox_deliveries WHERE id=?"));
    select.Bind(0, id);
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (found) weight = Weight{select.Int(0), select.Int(1)};
  }
  if (weight.has_value()) {
    RETURN_IF_ERROR(Remove(transaction, target_id, id, *weight, "delivered"));
  }
  ASSIGN_OR_RETURN(
      Statement success,
      transaction.Prepare("UPDATE outbox_targets SET last_success_ms=?,"
                          " silent_since_ms=NULL WHERE id=?"));
  success.Bind(0, Ms(now));
  success.Bind(1, target_id);
  RETURN_IF_ERROR(success.Run());
  return AdvanceLane(transaction, target_id, lane, now);
}

absl::StatusOr<int> RecordFailed(Transaction& transaction,
                                 const FailedAttempt& attempt,
                                 const DeliveryLimits& limits) {
  RETURN_IF_ERROR(CountFailure(transaction, attempt));
  int given_up = 0;
  bool waits = false;
  int64_t since = 0;
  {
    ASSIGN_OR_RETURN(Statement select,
                     transaction.Prepare("SELECT since_ms FROM"
                                         " outbox_deliveries WHERE id=? AND"
                                         " state=1"));
    select.Bind(0, attempt.id);
    ASSIGN_OR_RETURN(waits, select.Step());
    if (waits) since = select.Int(0);
  }
  if (waits &&
      (attempt.permanent || since <= Ms(attempt.now - limits.give_up_after))) {
    RETURN_IF_ERROR(GiveUp(transaction, attempt.target_id, attempt.id, 1,
                           attempt.error, limits));
    RETURN_IF_ERROR(
        AdvanceLane(transaction, attempt.target_id, attempt.lane, attempt.now));
    given_up = 1;
  } else if (waits) {
    ASSIGN_OR_RETURN(
        Statement note,
        transaction.Prepare("UPDATE outbox_deliveries SET attempts=attempts+1,"
                            " last_error=? WHERE id=?"));
    note.Bind(0, attempt.error);
    note.Bind(1, attempt.id);
    RETURN_IF_ERROR(note.Run());
    RETURN_IF_ERROR(AdvanceLane(transaction, attempt.target_id, attempt.lane,
                                attempt.next_attempt));
  }
  if (!attempt.silent) return given_up;
  ASSIGN_OR_RETURN(const int more, GiveUpSilent(transaction, attempt, limits));
  return given_up + more;
}

absl::StatusOr<bool> DeleteOld(Transaction& transaction, absl::Time now,
                               const DeliveryLimits& limits) {
  struct Old {
    int64_t id;
    int64_t target_id;
    std::string lane;
    Weight weight;
  };
  std::vector<Old> old;
  {
    ASSIGN_OR_RETURN(
        Statement select,
        transaction.Prepare("SELECT id, target_id, lane, state, since_ms,"
                            " length(body) FROM outbox_deliveries ORDER BY id"
                            " LIMIT ?"));
    select.Bind(0, kBatch);
    while (true) {
      ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) break;
      if (select.Int(4) > Ms(now - limits.keep)) continue;
      old.push_back({select.Int(0),
                     select.Int(1),
                     std::string(select.Text(2)),
                     {select.Int(3), select.Int(5)}});
    }
  }
  for (const Old& row : old) {
    RETURN_IF_ERROR(
        Remove(transaction, row.target_id, row.id, row.weight, "dropped"));
    RETURN_IF_ERROR(AdvanceLane(transaction, row.target_id, row.lane, now));
  }
  return static_cast<int64_t>(old.size()) == kBatch;
}

}  // namespace chatgate::delivery_table
