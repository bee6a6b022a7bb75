#ifndef CHATGATE_TESTS_BUDGET_BUDGET_SIMULATION_H_
#define CHATGATE_TESTS_BUDGET_BUDGET_SIMULATION_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "absl/time/time.h"
#include "server/budget/slot_scheduler.h"
#include "tests/budget/platform_models.h"

namespace chatgate {

// A scheduler, its callers and a platform in simulated time. Requests take a
// random time on their way out and back, some are never sent, some are given up
// before their answer, and the process may die and come back with what is on
// its disk.
class BudgetSimulation {
 public:
  struct Options {
    SchedulerOptions scheduler;
    absl::Duration out_max = absl::Milliseconds(200);
    absl::Duration back_max = absl::Milliseconds(200);
    double not_sent = 0;  // The part of slots that is given back.
    // Who waits longer than a random part of it for an answer gives up.
    absl::Duration patience_max = absl::InfiniteDuration();
    absl::Duration straggler_max = absl::Seconds(20);  // As FairBudget's.
  };
  struct Outcome {
    bool granted;
    absl::Duration waited;
    absl::Duration start_in;  // Of a refusal.
  };
  using Then = std::function<void(const Outcome&)>;

  BudgetSimulation(const Options& options, std::unique_ptr<PlatformModel> model,
                   uint32_t seed);

  void At(absl::Time time, std::function<void()> action);
  void Ask(BudgetAsk ask, Then then);
  // The process dies and is back at once. Whoever waits is refused.
  void Restart();
  void RunFor(absl::Duration time);

  absl::Time now() const { return now_; }
  std::mt19937& random() { return random_; }
  SlotScheduler& scheduler() { return *scheduler_; }
  int64_t arrived() const { return arrived_; }    // At the platform.
  int64_t too_many() const { return too_many_; }  // Of these.
  int64_t given_up() const { return given_up_; }

 private:
  struct Action {
    absl::Time time;
    uint64_t order;
    std::function<void()> run;
    bool operator<(const Action& other) const {
      return time != other.time ? time > other.time : order > other.order;
    }
  };
  struct Waiting {
    absl::Time since;
    Then then;
  };

  void Follow(const SlotScheduler::Decisions& decisions);
  void Send(uint64_t id);
  void GiveUp(uint64_t id);
  bool IsUnderWay(uint64_t id) const;
  void End(uint64_t id, absl::Time free_at);
  void Look();
  absl::Duration Delay(absl::Duration max);

  const Options options_;
  const std::unique_ptr<PlatformModel> model_;
  std::mt19937 random_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  absl::Time next_look_ = absl::InfiniteFuture();
  uint64_t next_order_ = 0;
  uint64_t next_id_ = 1;
  int life_ = 0;  // Of the process; answers to an earlier one are lost.
  std::unique_ptr<SlotScheduler> scheduler_;
  std::priority_queue<Action> actions_;
  std::map<uint64_t, Waiting> waiting_;
  // When each slot ends, if that is known.
  std::map<uint64_t, std::optional<absl::Time>> disk_;
  int64_t arrived_ = 0;
  int64_t too_many_ = 0;
  int64_t given_up_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BUDGET_BUDGET_SIMULATION_H_
