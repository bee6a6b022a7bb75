#ifndef CHATGATE_SERVER_BUDGET_BUDGET_OPERATIONS_H_
#define CHATGATE_SERVER_BUDGET_BUDGET_OPERATIONS_H_

#include <cstdint>
#include <functional>
#include <set>

#include "absl/status/status.h"
#include "chatgate/v1/operations.pb.h"

namespace chatgate {

// What callers can see of the request budgets; operations.proto explains each
// call. `app_ids` are the apps that the caller may use; empty: all.
//
// Threads: any; nothing blocks. `done` is called exactly once, from another
//          thread or, for a call refused at once, from the calling one; it must
//          not block. `request` and `response` live until then.
// Errors:  statuses made by error_table.h, or the store's.
class BudgetOperations {
 public:
  using AppIds = std::set<uint64_t>;
  using Done = std::function<void(absl::Status)>;

  virtual ~BudgetOperations() = default;

  // How the budget of the app stands, at once. An app of 0 is the only one that
  // the caller may use and that has a budget.
  virtual absl::Status Get(const AppIds& app_ids, uint64_t app_id,
                           v1::Budget* budget) = 0;
  virtual void ListSpending(const AppIds& app_ids,
                            const v1::ListSpendingRequest& request,
                            v1::ListSpendingResponse* response, Done done) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_BUDGET_OPERATIONS_H_
