#include "server/outbox/delivery_queue.h"

#include <algorithm>
#include <utility>

#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// The clock may be set: nobody waits longer without looking at it.
constexpr absl::Duration kWaitMax = absl::Seconds(30);
// Between tries to read tables that could not be read, or to write a store that
// is broken.
constexpr absl::Duration kTroubleDelay = absl::Seconds(5);
// In a row, for a target that was slow to be so no more.
constexpr int kFastRunsMin = 4;

}  // namespace

DeliveryQueue::DeliveryQueue(Store& store, const Clock& clock,
                             const std::vector<int64_t>& target_ids,
                             const DeliveryQueueOptions& options)
    : store_(store), clock_(clock), options_(options) {
  for (const int64_t id : target_ids) targets_[id];
}

size_t DeliveryQueue::SlowInFlight() const {
  size_t lanes = 0;
  for (const auto& [id, target] : targets_) {
    if (target.is_slow) lanes += target.busy.size() + (target.looking ? 1 : 0);
  }
  return lanes;
}

absl::Time DeliveryQueue::ReadyAt(const Target& target,
                                  size_t slow_in_flight) const {
  const size_t in_flight_max =
      target.silent_attempts >= options_.silent_after
          ? 1
          : static_cast<size_t>(options_.in_flight_max);
  if (target.looking || target.busy.size() >= in_flight_max) {
    return absl::InfiniteFuture();
  }
  if (target.is_slow &&
      slow_in_flight >= static_cast<size_t>(options_.slow_in_flight_max)) {
    return absl::InfiniteFuture();
  }
  return std::max(target.look_at, target.silent_until);
}

DeliveryQueue::Target* DeliveryQueue::Choose(absl::Time now, int64_t* target_id,
                                             absl::Time* ask_again) {
  *ask_again = absl::InfiniteFuture();
  Target* chosen = nullptr;
  const size_t slow_in_flight = SlowInFlight();
  for (auto& [id, target] : targets_) {
    const absl::Time ready_at = ReadyAt(target, slow_in_flight);
    if (ready_at > now) {
      *ask_again = std::min(*ask_again, ready_at);
      continue;
    }
    if (chosen == nullptr || target.chosen_at < chosen->chosen_at) {
      chosen = &target;
      *target_id = id;
    }
  }
  return chosen;
}

std::optional<DeliveryQueue::Look> DeliveryQueue::WaitForTarget() {
  MutexLock lock(mu_);
  while (!stopping_) {
    int64_t target_id = 0;
    absl::Time ask_again;
    const absl::Time now = clock_.Now();
    if (Target* target = Choose(now, &target_id, &ask_again)) {
      target->chosen_at = ++turn_;
      target->looking = true;
      target->woken = false;
      return Look{target_id, target->busy};
    }
    changed_.WaitFor(mu_, std::min(ask_again - now, kWaitMax));
  }
  return std::nullopt;
}

std::optional<LaneRun> DeliveryQueue::Take() {
  while (std::optional<Look> look = WaitForTarget()) {
    absl::StatusOr<delivery_table::Due> due = delivery_table::Due();
    // A store that records nothing more would have everything sent for ever.
    absl::Status status = store_.Health();
    if (status.ok()) {
      status = store_.Read([&](Connection& connection) -> absl::Status {
        ASSIGN_OR_RETURN(
            due, delivery_table::FindDue(
                     connection, look->target_id, clock_.Now(), look->busy,
                     options_.run_max, options_.run_bytes_max));
        return absl::OkStatus();
      });
    }
    if (!status.ok()) due = status;
    EndLook(*look, due);
    if (due.ok() && due->run.has_value()) return std::move(due->run);
  }
  return std::nullopt;
}

void DeliveryQueue::EndLook(const Look& look,
                            const absl::StatusOr<delivery_table::Due>& due) {
  if (!due.ok()) {
    LogWarning("the outbox cannot be read", {{"why", due.status().message()}});
  }
  MutexLock lock(mu_);
  Target& target = targets_.at(look.target_id);
  target.looking = false;
  if (!due.ok()) {
    target.look_at = clock_.Now() + kTroubleDelay;
  } else if (due->run.has_value()) {
    target.busy.insert(due->run->lane);
    target.look_at = absl::InfinitePast();  // There may be more.
  } else {
    target.look_at = target.woken ? absl::InfinitePast() : due->next_due;
  }
  changed_.Signal();
}

void DeliveryQueue::Finish(const LaneRun& run, Answer answer,
                           absl::Duration slowest) {
  MutexLock lock(mu_);
  Target& target = targets_.at(run.target_id);
  target.busy.erase(run.lane);
  target.woken = true;
  target.look_at = absl::InfinitePast();
  if (slowest > options_.slow_after) {
    target.is_slow = true;
    target.fast_runs = 0;
  } else if (++target.fast_runs >= kFastRunsMin) {
    target.is_slow = false;
  }
  if (answer == Answer::kSome) {
    target.silent_attempts = 0;
    target.silent_until = absl::InfinitePast();
  } else if (answer == Answer::kUnknown) {
    // What cannot be recorded must not be sent over and over.
    target.silent_until = clock_.Now() + kTroubleDelay;
  } else {
    ++target.silent_attempts;
    const int over = target.silent_attempts - options_.silent_after;
    if (over >= 0) {
      target.silent_until =
          clock_.Now() + std::min(absl::Seconds(1) * (1 << std::min(over, 20)),
                                  options_.silence_delay_max);
    }
  }
  changed_.SignalAll();
}

bool DeliveryQueue::IsSilent(int64_t target_id, Answer answer) const {
  MutexLock lock(mu_);
  const int more = answer == Answer::kNone ? 1 : 0;
  return answer != Answer::kSome &&
         targets_.at(target_id).silent_attempts + more >= options_.silent_after;
}

void DeliveryQueue::Wake(int64_t target_id) {
  MutexLock lock(mu_);
  Target& target = targets_.at(target_id);
  target.woken = true;
  target.look_at = absl::InfinitePast();
  changed_.Signal();
}

void DeliveryQueue::WakeAll() {
  MutexLock lock(mu_);
  for (auto& [id, target] : targets_) {
    target.woken = true;
    target.look_at = absl::InfinitePast();
  }
  changed_.SignalAll();
}

void DeliveryQueue::Stop() {
  MutexLock lock(mu_);
  stopping_ = true;
  changed_.SignalAll();
}

}  // namespace chatgate
