#ifndef CHATGATE_SERVER_BUDGET_BUDGET_STATUS_H_
#define CHATGATE_SERVER_BUDGET_BUDGET_STATUS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "server/budget/slot_scheduler.h"

// What a budget refuses with; each is a row of the error table.
namespace chatgate {

absl::Status RefusedByBudget(const SlotScheduler::Refusal& refusal,
                             uint64_t app_id, int64_t limit);

// The slot could not be written down: `why` is the store's.
absl::Status SlotNotWritten(const absl::Status& why);

absl::Status BudgetClosing();

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_BUDGET_STATUS_H_
