#include "server/budget/fair_budget.h"

#include <utility>

#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/budget/budget_core.h"
#include "server/budget/budget_table.h"

namespace chatgate {

absl::StatusOr<std::unique_ptr<FairBudget>> FairBudget::Open(
    Store& store, const Clock& clock, const FairBudgetOptions& options) {
  const SchedulerOptions& limits = options.scheduler;
  if (limits.limit < 1 || limits.reply_reserve < 0 ||
      limits.reply_reserve >= limits.limit) {
    return absl::InvalidArgumentError(
        "a budget needs a limit of at least 1 and a smaller reply_reserve");
  }
  const absl::Time now = clock.Now();
  budget_table::KeptBudget kept;
  RETURN_IF_ERROR(store.Write([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(
        kept, budget_table::TakeOver(transaction, options.app_id, now,
                                     now + options.straggler_max + kSlotHold));
    return absl::OkStatus();
  }));
  auto core = std::make_shared<BudgetCore>(store, clock, options);
  {
    MutexLock lock(core->mu);
    SlotWindow& window = core->scheduler.window();
    for (const absl::Time free_at : kept.slots) window.Restore(free_at);
    if (kept.learned.has_value()) window.RestoreLearned(*kept.learned);
    window.RestoreClosed(kept.closed_until);
    core->next_id = kept.next_id;
  }
  return std::unique_ptr<FairBudget>(new FairBudget(std::move(core)));
}

FairBudget::FairBudget(std::shared_ptr<BudgetCore> core)
    : core_(std::move(core)), thread_([this] { core_->Run(); }) {}

FairBudget::~FairBudget() {
  core_->Close();
  core_->Stop();
  thread_.join();
  MutexLock lock(core_->mu);
  while (core_->writing > 0) core_->written.Wait(core_->mu);
}

void FairBudget::Acquire(BudgetAsk ask, Granted granted) {
  core_->Ask(std::move(ask), std::move(granted));
}

void FairBudget::Close() { core_->Close(); }

void FairBudget::RecordSaved(const std::string& caller,
                             const std::string& method) {
  MutexLock lock(core_->mu);
  // The thread knows of the first one when to write them down.
  if (core_->saved.empty()) core_->changed.Signal();
  ++core_->saved[{caller, method}];
}

v1::Budget FairBudget::Snapshot() const {
  MutexLock lock(core_->mu);
  return core_->Snapshot(core_->clock.Now());
}

uint64_t FairBudget::app_id() const { return core_->app_id; }

void FairBudget::Wake() {
  MutexLock lock(core_->mu);
  core_->changed.Signal();
}

}  // namespace chatgate
