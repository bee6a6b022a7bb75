#include "server/budget/budget_table.h"

#include <algorithm>

#include "server/base/status_macros.h"

namespace chatgate::budget_table {
namespace {

// Free times are kept in microseconds and never rounded down.
int64_t MicrosUp(absl::Time time) {
  return absl::ToUnixMicros(time + absl::Nanoseconds(999));
}

int64_t HourOf(absl::Time time) { return absl::ToUnixSeconds(time) / 3600; }

}  // namespace

Schema BudgetSchema() {
  return {"budget", {R"sql(
CREATE TABLE budget_slots (
  app_id INTEGER NOT NULL,
  id INTEGER NOT NULL,
  free_us INTEGER,
  PRIMARY KEY (app_id, id)
) WITHOUT ROWID;
CREATE INDEX budget_slots_free ON budget_slots (app_id, free_us);
CREATE TABLE budget_learned (
  app_id INTEGER PRIMARY KEY,
  requests INTEGER NOT NULL,
  since_us INTEGER NOT NULL,
  closed_until_us INTEGER NOT NULL
);
CREATE TABLE budget_spending (
  app_id INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  caller TEXT NOT NULL,
  method TEXT NOT NULL,
  requests INTEGER NOT NULL,
  saved INTEGER NOT NULL,
  PRIMARY KEY (app_id, hour, caller, method)
) WITHOUT ROWID;
)sql"}};
}

absl::StatusOr<KeptBudget> TakeOver(Transaction& transaction, uint64_t app_id,
                                    absl::Time now, absl::Time latest_end) {
  {
    ASSIGN_OR_RETURN(
        Statement end,
        transaction.Prepare(
            "UPDATE budget_slots SET free_us=?1"
            " WHERE app_id=?2 AND (free_us IS NULL OR free_us>?1)"));
    end.Bind(0, MicrosUp(latest_end));
    end.Bind(1, IdToSql(app_id));
    RETURN_IF_ERROR(end.Run());
  }
  KeptBudget kept;
  {
    ASSIGN_OR_RETURN(Statement slots,
                     transaction.Prepare("SELECT id, free_us"
                                         " FROM budget_slots WHERE app_id=?"));
    slots.Bind(0, IdToSql(app_id));
    while (true) {
      ASSIGN_OR_RETURN(const bool row, slots.Step());
      if (!row) break;
      kept.next_id =
          std::max(kept.next_id, static_cast<uint64_t>(slots.Int(0)) + 1);
      const absl::Time free_at = absl::FromUnixMicros(slots.Int(1));
      if (free_at > now) kept.slots.push_back(free_at);
    }
  }
  ASSIGN_OR_RETURN(
      Statement learned,
      transaction.Prepare("SELECT requests, since_us, closed_until_us"
                          " FROM budget_learned WHERE app_id=?"));
  learned.Bind(0, IdToSql(app_id));
  ASSIGN_OR_RETURN(const bool known, learned.Step());
  if (!known) return kept;
  // A clock that was set back must not stop it from recovering.
  const absl::Time since = std::min(now, absl::FromUnixMicros(learned.Int(1)));
  kept.learned = {static_cast<int>(learned.Int(0)), since};
  const absl::Time closed_until = absl::FromUnixMicros(learned.Int(2));
  if (closed_until > now) {
    kept.closed_until = std::min(closed_until, now + SlotWindow::kClosedMax);
  }
  return kept;
}

absl::Status AddSlots(Transaction& transaction, uint64_t app_id,
                      const std::vector<SentSlot>& slots, absl::Time now) {
  {
    ASSIGN_OR_RETURN(
        Statement ended,
        transaction.Prepare(
            "DELETE FROM budget_slots WHERE app_id=? AND free_us<=?"));
    ended.Bind(0, IdToSql(app_id));
    ended.Bind(1, absl::ToUnixMicros(now));
    RETURN_IF_ERROR(ended.Run());
  }
  for (const SentSlot& slot : slots) {
    {
      ASSIGN_OR_RETURN(
          Statement add,
          transaction.Prepare(
              "INSERT INTO budget_slots (app_id, id) VALUES (?, ?)"));
      add.Bind(0, IdToSql(app_id));
      add.Bind(1, static_cast<int64_t>(slot.id));
      RETURN_IF_ERROR(add.Run());
    }
    RETURN_IF_ERROR(AddSpending(transaction, app_id,
                                {slot.caller, slot.method, 1, 0}, slot.sent));
  }
  return absl::OkStatus();
}

absl::Status EndSlot(Transaction& transaction, uint64_t app_id, uint64_t id,
                     absl::Time free_at) {
  ASSIGN_OR_RETURN(
      Statement end,
      transaction.Prepare(
          "UPDATE budget_slots SET free_us=? WHERE app_id=? AND id=?"));
  end.Bind(0, MicrosUp(free_at));
  end.Bind(1, IdToSql(app_id));
  end.Bind(2, static_cast<int64_t>(id));
  return end.Run();
}

absl::Status RemoveSlot(Transaction& transaction, uint64_t app_id,
                        const SentSlot& slot) {
  {
    ASSIGN_OR_RETURN(Statement remove,
                     transaction.Prepare(
                         "DELETE FROM budget_slots WHERE app_id=? AND id=?"));
    remove.Bind(0, IdToSql(app_id));
    remove.Bind(1, static_cast<int64_t>(slot.id));
    RETURN_IF_ERROR(remove.Run());
  }
  return AddSpending(transaction, app_id, {slot.caller, slot.method, -1, 0},
                     slot.sent);
}

absl::Status KeepLearned(Transaction& transaction, uint64_t app_id,
                         const LearnedLimit& learned, absl::Time closed_until) {
  ASSIGN_OR_RETURN(Statement keep,
                   transaction.Prepare("INSERT OR REPLACE INTO budget_learned"
                                       " (app_id, requests, since_us, "
                                       "closed_until_us) VALUES (?, ?, ?, ?)"));
  keep.Bind(0, IdToSql(app_id));
  keep.Bind(1, int64_t{learned.limit});
  keep.Bind(2, absl::ToUnixMicros(learned.since));
  keep.Bind(3, MicrosUp(closed_until));
  return keep.Run();
}

absl::Status AddSpending(Transaction& transaction, uint64_t app_id,
                         const Spent& spent, absl::Time now) {
  ASSIGN_OR_RETURN(
      Statement add,
      transaction.Prepare(
          "INSERT INTO budget_spending"
          " (app_id, hour, caller, method, requests, saved)"
          " VALUES (?, ?, ?, ?, ?, ?)"
          " ON CONFLICT (app_id, hour, caller, method) DO UPDATE SET"
          " requests=requests+excluded.requests, saved=saved+excluded.saved"));
  add.Bind(0, IdToSql(app_id));
  add.Bind(1, HourOf(now));
  add.Bind(2, spent.caller);
  add.Bind(3, spent.method);
  add.Bind(4, spent.requests);
  add.Bind(5, spent.saved);
  return add.Run();
}

absl::Status DeleteOldSpending(Transaction& transaction, uint64_t app_id,
                               absl::Time now) {
  ASSIGN_OR_RETURN(
      Statement remove,
      transaction.Prepare(
          "DELETE FROM budget_spending WHERE (app_id, hour, caller, method) IN"
          " (SELECT app_id, hour, caller, method FROM budget_spending"
          " WHERE app_id=? AND hour<? LIMIT 10000)"));
  remove.Bind(0, IdToSql(app_id));
  remove.Bind(1, HourOf(now - kSpendingKept));
  return remove.Run();
}

}  // namespace chatgate::budget_table
