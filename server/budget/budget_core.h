#ifndef CHATGATE_SERVER_BUDGET_BUDGET_CORE_H_
#define CHATGATE_SERVER_BUDGET_BUDGET_CORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chatgate/v1/operations.pb.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/budget/budget.h"
#include "server/budget/budget_table.h"
#include "server/budget/slot_scheduler.h"
#include "server/store/store.h"

namespace chatgate {

struct FairBudgetOptions;

// Everything that the budget's thread, the callers and the slots share.
struct BudgetCore : public std::enable_shared_from_this<BudgetCore> {
  struct Waiting {
    budget_table::SentSlot slot;
    absl::Time since;
    Budget::Granted granted;
  };
  struct Refused {
    Budget::Granted granted;
    absl::Status why;
  };
  // What the thread is to do.
  struct Batch {
    std::vector<Waiting> grants;
    std::vector<Refused> refusals;
    std::vector<budget_table::Spent> saved;
    bool delete_old = false;
    bool last = false;
    std::optional<v1::Budget> stand;  // For the observer.
  };

  BudgetCore(Store& store, const Clock& clock,
             const FairBudgetOptions& options);

  void Ask(BudgetAsk ask, Budget::Granted granted) ABSL_LOCKS_EXCLUDED(mu);
  void Follow(const SlotScheduler::Decisions& decisions)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  void Run() ABSL_LOCKS_EXCLUDED(mu);
  Batch NextBatch() ABSL_LOCKS_EXCLUDED(mu);
  void CollectSaved(absl::Time now, Batch* batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  v1::Budget Snapshot(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  void Rest(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu);
  void Write(std::vector<Waiting> grants) ABSL_LOCKS_EXCLUDED(mu);
  void Finish(Waiting& grant, const absl::Status& written)
      ABSL_LOCKS_EXCLUDED(mu);
  void Close() ABSL_LOCKS_EXCLUDED(mu);
  void Stop() ABSL_LOCKS_EXCLUDED(mu);
  // How slots end.
  void Answered(const budget_table::SentSlot& slot) ABSL_LOCKS_EXCLUDED(mu);
  void Lost(const budget_table::SentSlot& slot) ABSL_LOCKS_EXCLUDED(mu);
  void TooMany(const budget_table::SentSlot& slot,
               std::optional<absl::Duration> retry_after)
      ABSL_LOCKS_EXCLUDED(mu);
  void NotSent(const budget_table::SentSlot& slot) ABSL_LOCKS_EXCLUDED(mu);
  void WriteEnd(uint64_t id, absl::Time free_at);
  // How far the time of day is ahead of `clock`: it was set forward, or the
  // machine slept. The next process begins there, so that what is kept for it
  // is told by it; where it is behind, the next process forgets nothing.
  absl::Duration Ahead() const {
    return std::max(absl::ZeroDuration(), wall_clock.Now() - clock.Now());
  }

  Store& store;             // Outlives this.
  const Clock& clock;       // Outlives this.
  const Clock& wall_clock;  // Outlives this.
  const uint64_t app_id;
  const absl::Duration straggler_max;
  const std::function<void(const v1::Budget&)> observer;

  mutable Mutex mu;
  CondVar changed;  // For the thread.
  CondVar written;  // `writing` has become less.
  SlotScheduler scheduler ABSL_GUARDED_BY(mu);
  uint64_t next_id ABSL_GUARDED_BY(mu) = 1;
  std::map<uint64_t, Waiting> waiting ABSL_GUARDED_BY(mu);
  Batch next ABSL_GUARDED_BY(mu);
  std::map<std::pair<std::string, std::string>, int64_t> saved
      ABSL_GUARDED_BY(mu);
  absl::Time saved_flushed ABSL_GUARDED_BY(mu) = absl::InfinitePast();
  absl::Time old_deleted ABSL_GUARDED_BY(mu) = absl::InfinitePast();
  absl::Time observe_at ABSL_GUARDED_BY(mu) = absl::InfinitePast();
  size_t writing ABSL_GUARDED_BY(mu) = 0;  // Grants on their way to the disk.
  bool closed ABSL_GUARDED_BY(mu) = false;
  bool stopping ABSL_GUARDED_BY(mu) = false;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_BUDGET_CORE_H_
