#include "tests/budget/budget_simulation.h"

#include <algorithm>
#include <utility>

namespace chatgate {

BudgetSimulation::BudgetSimulation(const Options& options,
                                   std::unique_ptr<PlatformModel> model,
                                   uint32_t seed)
    : options_(options),
      model_(std::move(model)),
      random_(seed),
      scheduler_(std::make_unique<SlotScheduler>(options.scheduler)) {}

void BudgetSimulation::At(absl::Time time, std::function<void()> action) {
  actions_.push({time, next_order_++, std::move(action)});
}

void BudgetSimulation::Ask(BudgetAsk ask, Then then) {
  const uint64_t id = next_id_++;
  waiting_.emplace(id, Waiting{now_, std::move(then)});
  Follow(scheduler_->Ask(id, ask, now_));
}

void BudgetSimulation::Restart() {
  ++life_;
  scheduler_ = std::make_unique<SlotScheduler>(options_.scheduler);
  for (auto& [id, free_at] : disk_) {
    if (!free_at.has_value()) {
      free_at = now_ + options_.straggler_max + kSlotHold;
    }
    if (*free_at > now_) scheduler_->window().Restore(*free_at);
  }
  std::erase_if(disk_,
                [this](const auto& kept) { return *kept.second <= now_; });
  const std::map<uint64_t, Waiting> lost = std::exchange(waiting_, {});
  for (const auto& [id, call] : lost) {
    call.then({false, now_ - call.since, absl::ZeroDuration()});
  }
}

void BudgetSimulation::RunFor(absl::Duration time) {
  const absl::Time end = now_ + time;
  while (true) {
    Look();
    if (actions_.empty() || actions_.top().time > end) break;
    Action action = actions_.top();
    actions_.pop();
    now_ = action.time;
    action.run();
  }
  now_ = end;
}

// Comes back when the scheduler wants to look again.
void BudgetSimulation::Look() {
  const absl::Time next = std::max(scheduler_->next_look(), now_);
  if (next == absl::InfiniteFuture()) return;
  if (next_look_ > now_ && next_look_ <= next) return;
  next_look_ = next;
  At(next, [this] {
    if (next_look_ != now_) return;  // Another one came before.
    next_look_ = absl::InfiniteFuture();
    Follow(scheduler_->Decide(now_));
  });
}

void BudgetSimulation::Follow(const SlotScheduler::Decisions& decisions) {
  for (const uint64_t id : decisions.granted) {
    const auto found = waiting_.find(id);
    const Waiting call = std::move(found->second);
    waiting_.erase(found);
    disk_[id] = std::nullopt;
    Send(id);
    call.then({true, now_ - call.since, absl::ZeroDuration()});
  }
  for (const SlotScheduler::Refusal& refusal : decisions.refused) {
    const auto found = waiting_.find(refusal.id);
    const Waiting call = std::move(found->second);
    waiting_.erase(found);
    call.then({false, now_ - call.since, refusal.start_in});
  }
}

void BudgetSimulation::Send(uint64_t id) {
  if (std::bernoulli_distribution(options_.not_sent)(random_)) {
    At(now_ + absl::Milliseconds(1), [this, id, life = life_] {
      if (life != life_) return;
      disk_.erase(id);
      scheduler_->window().NotSent();
      Follow(scheduler_->Decide(now_));
    });
    return;
  }
  At(now_ + Delay(options_.out_max), [this, id, life = life_] {
    ++arrived_;
    const bool accepted = model_->Arrive(now_);
    too_many_ += accepted ? 0 : 1;
    At(now_ + Delay(options_.back_max), [this, id, life, accepted] {
      if (life != life_ || !IsUnderWay(id)) return;
      SlotWindow& window = scheduler_->window();
      End(id, accepted ? window.Answered(now_)
                       : window.TooMany(now_, std::nullopt));
    });
  });
  if (options_.patience_max != absl::InfiniteDuration()) GiveUp(id);
}

// What is under way still arrives.
void BudgetSimulation::GiveUp(uint64_t id) {
  At(now_ + Delay(options_.patience_max), [this, id, life = life_] {
    if (life != life_ || !IsUnderWay(id)) return;
    ++given_up_;
    End(id, scheduler_->window().Lost(now_, options_.straggler_max));
  });
}

bool BudgetSimulation::IsUnderWay(uint64_t id) const {
  const auto kept = disk_.find(id);
  return kept != disk_.end() && !kept->second.has_value();
}

void BudgetSimulation::End(uint64_t id, absl::Time free_at) {
  disk_[id] = free_at;
  Follow(scheduler_->Decide(now_));
  std::erase_if(disk_, [this](const auto& kept) {
    return kept.second.has_value() && *kept.second <= now_;
  });
}

// Mostly short, and now and then nearly as long as may be.
absl::Duration BudgetSimulation::Delay(absl::Duration max) {
  const double part = std::uniform_real_distribution<double>(0, 1)(random_);
  return max * (part * part * part);
}

}  // namespace chatgate
