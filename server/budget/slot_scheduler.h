#ifndef CHATGATE_SERVER_BUDGET_SLOT_SCHEDULER_H_
#define CHATGATE_SERVER_BUDGET_SLOT_SCHEDULER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "chatgate/v1/operations.pb.h"
#include "server/budget/budget.h"
#include "server/budget/slot_window.h"
#include "server/budget/waiting_line.h"

namespace chatgate {

struct SchedulerOptions {
  int limit = 60;         // Slots in any 60 seconds, at least 1.
  int reply_reserve = 6;  // Less than `limit`.
  size_t waiting_max = 1000;
  std::map<std::string, uint32_t> weights;  // By caller; 1 where unnamed.
};

// SlotScheduler decides which call gets a slot, and when: the window and the
// line together, without threads, clocks or disk.
//
//   Decisions now = scheduler.Ask(7, ask, clock.Now());
//   ... = scheduler.Decide(clock.Now());  // At scheduler.next_look().
//   scheduler.Answered(reply, clock.Now());
//
// Order:   a call that could go at once goes at once only where nobody waits
//          who goes first; a 429 changes nobody's place.
// Refusal: a call that cannot start before its deadline is refused when that is
//          known: on arrival, when the window closes, or when it is too late.
//          Where `waiting_max` wait already, who is last in the line goes.
// Threads: one at a time.
class SlotScheduler {
 public:
  using CallId = WaitingLine::CallId;

  // A typing call is worth nothing after this.
  static constexpr absl::Duration kEphemeralWaitMax = absl::Seconds(5);

  explicit SlotScheduler(const SchedulerOptions& options);

  struct Refusal {
    CallId id;
    bool line_full;
    absl::Duration start_in;  // When a call like it could start, at best.
  };
  struct Decisions {
    std::vector<CallId> granted;  // Each has a slot now.
    std::vector<Refusal> refused;
  };

  // `id` is higher than all before.
  Decisions Ask(CallId id, const BudgetAsk& ask, absl::Time now);
  Decisions Decide(absl::Time now);

  // How a slot ended. Decide afterwards.
  SlotWindow& window() { return window_; }
  const SlotWindow& window() const { return window_; }

  // When Decide should be called, if nothing happens before.
  absl::Time next_look() const;

  // Takes out everybody who waits.
  std::vector<CallId> Close();

  size_t waiting() const { return line_.size(); }
  // As it stands; `app_id` is left to the caller.
  v1::Budget Snapshot(absl::Time now);

 private:
  struct Call {
    v1::Priority priority;
    std::string caller;
    absl::Time deadline;
  };

  void Grant(Decisions* decisions);
  void RefuseTooLate(absl::Time now, Decisions* decisions);
  void Refuse(CallId id, bool line_full, absl::Time now, Decisions* decisions);
  absl::Time EarliestStart(v1::Priority priority, const std::string& caller,
                           absl::Time now) const;
  Call Take(CallId id);

  const SchedulerOptions options_;
  SlotWindow window_;
  WaitingLine line_;
  std::map<CallId, Call> calls_;  // Those in the line.
  std::set<std::pair<absl::Time, CallId>> by_deadline_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_SLOT_SCHEDULER_H_
