#ifndef CHATGATE_SERVER_BUDGET_BUDGETS_H_
#define CHATGATE_SERVER_BUDGET_BUDGETS_H_

#include <cstdint>
#include <map>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/budget/budget_operations.h"
#include "server/budget/fair_budget.h"
#include "server/store/store.h"

namespace chatgate {

// The budgets of a gateway, one an app, as its callers see them.
//
// Threads:  immutable, so any.
// Lifetime: the store, the clock and the budgets outlive it and its calls.
class Budgets final : public BudgetOperations {
 public:
  Budgets(Store& store, const Clock& clock,
          std::map<uint64_t, FairBudget*> by_app);

  absl::Status Get(const AppIds& app_ids, uint64_t app_id,
                   v1::Budget* budget) override;
  void ListSpending(const AppIds& app_ids,
                    const v1::ListSpendingRequest& request,
                    v1::ListSpendingResponse* response, Done done) override;

 private:
  absl::StatusOr<FairBudget*> Choose(const AppIds& app_ids,
                                     uint64_t app_id) const;

  Store& store_;        // Outlives this.
  const Clock& clock_;  // Outlives this.
  const std::map<uint64_t, FairBudget*> by_app_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_BUDGETS_H_
