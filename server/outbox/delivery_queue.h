#ifndef CHATGATE_SERVER_OUTBOX_DELIVERY_QUEUE_H_
#define CHATGATE_SERVER_OUTBOX_DELIVERY_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/outbox/delivery_table.h"
#include "server/store/store.h"

namespace chatgate {

struct DeliveryQueueOptions {
  int in_flight_max = 4;           // Lanes of one target at a time.
  size_t run_max = 64;             // Deliveries of a lane taken at once,
  size_t run_bytes_max = 1 << 20;  // and their bytes, unless it is just one.
  // After so long a run ends, though more of it was taken, and others have
  // their turn.
  absl::Duration run_time_max = absl::Seconds(1);
  // A target is slow once a post to it took longer than that, until several
  // runs were fast. Slow ones have at most so many lanes at a time, in all.
  // What nobody knows yet, as after a start, is taken for fast.
  absl::Duration slow_after = absl::Seconds(1);
  int slow_in_flight_max = 4;
  // After so many attempts without any answer a target gets single attempts,
  // one every silence_delay_max at last, so that it keeps no workers from
  // others.
  int silent_after = 3;
  absl::Duration silence_delay_max = absl::Minutes(1);
};

// DeliveryQueue hands what is due in the outbox's tables to the workers. What
// is in flight is known here alone: the data directory has one owner, so a
// crash forgets it, and everything that was not recorded as done is sent again.
//
//   while (std::optional<LaneRun> run = queue.Take()) {
//     ...                         // Post, and record what came of it.
//     queue.Finish(*run, answer, slowest);
//   }
//
// Ordering: a lane is with one worker at a time, and is given out again only
//           after Finish, when its results are on stable storage.
// Fairness: the target that was looked at longest ago is next; of a target, the
//           lane that is due longest. Those that are slow to answer leave
//           workers to the others.
// Memory:   nothing of what waits is kept, only what is in flight.
// Threads:  any.
class DeliveryQueue {
 public:
  // How the last attempt of a run ended, as far as the target is concerned.
  enum class Answer {
    kSome,  // With whatever status.
    kNone,
    kUnknown,  // It was not tried, or what came of it is not recorded.
  };

  // `target_ids`: those of the configuration.
  DeliveryQueue(Store& store, const Clock& clock,
                const std::vector<int64_t>& target_ids,
                const DeliveryQueueOptions& options);
  DeliveryQueue(const DeliveryQueue&) = delete;
  DeliveryQueue& operator=(const DeliveryQueue&) = delete;

  // Waits for a run. None once stopped.
  std::optional<LaneRun> Take() ABSL_LOCKS_EXCLUDED(mu_);

  // `slowest`: how long the slowest post of the run took.
  void Finish(const LaneRun& run, Answer answer, absl::Duration slowest)
      ABSL_LOCKS_EXCLUDED(mu_);

  // True while the target has given no answer for so long that only single
  // attempts are made, `Finish` with this answer included.
  bool IsSilent(int64_t target_id, Answer answer) const
      ABSL_LOCKS_EXCLUDED(mu_);

  // Something may be due for the target. Cheap; for the store's writer thread.
  void Wake(int64_t target_id) ABSL_LOCKS_EXCLUDED(mu_);
  // Looks at the clock and all targets again.
  void WakeAll() ABSL_LOCKS_EXCLUDED(mu_);

  // Ends every Take.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Target {
    absl::Time look_at = absl::InfinitePast();  // When to look for work again.
    bool looking = false;                       // A worker reads its tables.
    bool woken = false;                         // Since that worker began.
    std::set<std::string> busy;                 // Lanes in flight.
    int silent_attempts = 0;                    // Since the last answer.
    absl::Time silent_until = absl::InfinitePast();
    bool is_slow = false;
    int fast_runs = 0;       // Since the last slow one.
    uint64_t chosen_at = 0;  // The turn in which it was last looked at.
  };
  struct Look {
    int64_t target_id;
    std::set<std::string> busy;
  };

  // Waits until there is a target to look at. None once stopped.
  std::optional<Look> WaitForTarget() ABSL_LOCKS_EXCLUDED(mu_);
  // The target to look at now, or null and when to ask again.
  Target* Choose(absl::Time now, int64_t* target_id, absl::Time* ask_again)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Lanes in flight, or looked for, of all slow targets.
  size_t SlowInFlight() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // When the target may be looked at; never while it has all it may have.
  absl::Time ReadyAt(const Target& target, size_t slow_in_flight) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void EndLook(const Look& look, const absl::StatusOr<delivery_table::Due>& due)
      ABSL_LOCKS_EXCLUDED(mu_);

  Store& store_;        // Outlives this.
  const Clock& clock_;  // Outlives this.
  const DeliveryQueueOptions options_;

  mutable Mutex mu_;
  CondVar changed_;
  std::map<int64_t, Target> targets_ ABSL_GUARDED_BY(mu_);
  uint64_t turn_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_DELIVERY_QUEUE_H_
