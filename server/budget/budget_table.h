#ifndef CHATGATE_SERVER_BUDGET_BUDGET_TABLE_H_
#define CHATGATE_SERVER_BUDGET_BUDGET_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/operations.pb.h"
#include "server/budget/slot_window.h"
#include "server/store/database.h"
#include "server/store/store.h"

namespace chatgate {

// The tables of the budgets: the slots of the last minute, so that a restart
// does not forget what was sent; what was learned from 429s; and what was
// spent, by hour, caller and method, for 30 days.
//
// Bounded: a slot's row goes when it has ended, with the next one that is
//          written; spending goes after kSpendingKept.
// Threads: those of the store; each function belongs into one of its works or
//          readings.
namespace budget_table {

inline constexpr absl::Duration kSpendingKept = absl::Hours(30 * 24);

Schema BudgetSchema();

struct KeptBudget {
  std::vector<absl::Time> slots;  // When each ends.
  uint64_t next_id = 1;           // Higher than that of any slot.
  std::optional<LearnedLimit> learned;
  absl::Time closed_until = absl::InfinitePast();
};

// What an earlier process left. Slots whose end is not known end at
// `latest_end`, and so do those that claim to end later.
absl::StatusOr<KeptBudget> TakeOver(Transaction& transaction, uint64_t app_id,
                                    absl::Time now, absl::Time latest_end);

// A slot that is about to be used.
struct SentSlot {
  uint64_t id = 0;
  std::string caller;
  std::string method;
  absl::Time sent;  // Its cost is of this hour.
};
// Writes them down with what they cost, and forgets slots that have ended.
absl::Status AddSlots(Transaction& transaction, uint64_t app_id,
                      const std::vector<SentSlot>& slots, absl::Time now);
absl::Status EndSlot(Transaction& transaction, uint64_t app_id, uint64_t id,
                     absl::Time free_at);
// It was not sent after all, and has cost nothing.
absl::Status RemoveSlot(Transaction& transaction, uint64_t app_id,
                        const SentSlot& slot);
absl::Status KeepLearned(Transaction& transaction, uint64_t app_id,
                         const LearnedLimit& learned, absl::Time closed_until);

// Adds to what was spent in the hour of `now`.
struct Spent {
  std::string caller;
  std::string method;
  int64_t requests = 0;
  int64_t saved = 0;
};
absl::Status AddSpending(Transaction& transaction, uint64_t app_id,
                         const Spent& spent, absl::Time now);
// Deletes up to ten thousand rows that are too old: more than an hour makes.
absl::Status DeleteOldSpending(Transaction& transaction, uint64_t app_id,
                               absl::Time now);

// A page of hours that begin at `start` or later, oldest first.
// INVALID_ARGUMENT: the token is none of ours.
absl::Status ListSpending(Connection& connection, uint64_t app_id,
                          absl::Time start, int rows_max,
                          const std::string& page_token,
                          v1::ListSpendingResponse* response);

}  // namespace budget_table
}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_BUDGET_TABLE_H_
