#ifndef CHATGATE_SERVER_BUDGET_FAIR_BUDGET_H_
#define CHATGATE_SERVER_BUDGET_FAIR_BUDGET_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/operations.pb.h"
#include "server/base/clock.h"
#include "server/budget/budget.h"
#include "server/budget/slot_scheduler.h"
#include "server/store/store.h"

namespace chatgate {

struct BudgetCore;

struct FairBudgetOptions {
  uint64_t app_id = 0;
  SchedulerOptions scheduler;
  // Deadlines are told by it, and the next process begins with it. It may be
  // set at any time. Outlives the budget and every slot.
  const Clock* wall_clock = &Clock::System();
  // For how long a request may still reach the platform after nobody waits for
  // its answer any more: it was given up, or the process that sent it has died.
  absl::Duration straggler_max = absl::Seconds(20);
  // Told how the budget stands, on its own thread, whenever something was done
  // and at least every five seconds. Must not block.
  std::function<void(const v1::Budget&)> observer;
};

// FairBudget is the request budget of one app: window-proof, fair, and the same
// after a restart. docs/budget.md tells users of it, docs/adr/ why it is so.
//
//   store = Store::Open(options, {..., budget_table::BudgetSchema()});
//   ASSIGN_OR_RETURN(auto budget, FairBudget::Open(*store, clock, options));
//   budget->Acquire({v1::REPLY, "billing", "ReplyToConversation", deadline},
//                   [](absl::StatusOr<std::unique_ptr<BudgetSlot>> slot)
//                   {...});
//
// Durability: a slot is on stable storage before it is granted. A slot whose
//             end was not recorded counts, after a restart, as if it had been
//             answered `straggler_max` after it.
// Threads:    any. One thread of its own waits for all; `granted` is called on
//             it, or on the store's writer thread.
// Errors:     as Budget. With the first failure of the store nothing is granted
//             any more.
// Lifetime:   the store and the clock outlive the budget and every slot. After
//             the destructor no `granted` is called; slots may still end.
class FairBudget final : public Budget {
 public:
  // `clock` must never be set (SteadyClock). Never on the store's own threads.
  // INVALID_ARGUMENT: the options make no sense.
  static absl::StatusOr<std::unique_ptr<FairBudget>> Open(
      Store& store, const Clock& clock, const FairBudgetOptions& options);
  // Closes, and waits for what is being written down.
  ~FairBudget() override;

  void Acquire(BudgetAsk ask, Granted granted) override;

  // Refuses everybody who waits, and who will ask, with UNAVAILABLE.
  void Close();

  // A call was answered without a request. For the record of spending, where it
  // appears within seconds.
  void RecordSaved(const std::string& caller, const std::string& method);

  // How it stands.
  v1::Budget Snapshot() const;
  uint64_t app_id() const;

  // Looks at the clock again; for a clock that jumps.
  void Wake();

 private:
  explicit FairBudget(std::shared_ptr<BudgetCore> core);

  const std::shared_ptr<BudgetCore> core_;  // Shared with the slots.
  std::thread thread_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_FAIR_BUDGET_H_
