#include "server/budget/budget_core.h"

#include <algorithm>
#include <utility>

#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/budget/budget_status.h"
#include "server/budget/fair_budget.h"

namespace chatgate {
namespace {

using budget_table::SentSlot;

constexpr absl::Duration kSavedFlush = absl::Seconds(5);
constexpr absl::Duration kOldSpendingEvery = absl::Hours(1);
constexpr absl::Duration kObserveEvery = absl::Seconds(5);
constexpr absl::Duration kRestMax = absl::Minutes(10);  // Of the thread.

void NoteUnwritten(const absl::Status& status) {
  if (!status.ok()) {
    LogDebug("a budget's record was not written",
             {{"reason", status.message()}});
  }
}

// Ends once, by one of its methods or by its destructor.
class Slot final : public BudgetSlot {
 public:
  Slot(std::shared_ptr<BudgetCore> core, SentSlot slot, absl::Time since,
       absl::Time granted)
      : core_(std::move(core)),
        slot_(std::move(slot)),
        queued_(std::max(absl::ZeroDuration(), granted - since)) {}
  ~Slot() override { Answered(); }

  void Answered() override {
    if (const auto core = std::exchange(core_, nullptr)) core->Answered(slot_);
  }
  void Lost() override {
    if (const auto core = std::exchange(core_, nullptr)) core->Lost(slot_);
  }
  void TooMany(std::optional<absl::Duration> retry_after) override {
    if (const auto core = std::exchange(core_, nullptr)) {
      core->TooMany(slot_, retry_after);
    }
  }
  void NotSent() override {
    if (const auto core = std::exchange(core_, nullptr)) {
      core->NotSent(slot_);
    }
  }
  absl::Duration queued() const override { return queued_; }

 private:
  std::shared_ptr<BudgetCore> core_;  // Null once it has ended.
  const SentSlot slot_;
  const absl::Duration queued_;
};

}  // namespace

BudgetCore::BudgetCore(Store& store, const Clock& clock,
                       const FairBudgetOptions& options)
    : store(store),
      clock(clock),
      wall_clock(*options.wall_clock),
      app_id(options.app_id),
      straggler_max(options.straggler_max),
      observer(options.observer),
      scheduler(options.scheduler) {}

void BudgetCore::Ask(BudgetAsk ask, Budget::Granted granted) {
  MutexLock lock(mu);
  changed.Signal();
  if (closed) {
    next.refusals.push_back({std::move(granted), BudgetClosing()});
    return;
  }
  const absl::Time now = clock.Now();
  // What is left of it counts: the time of day may have been set since.
  ask.deadline = now + (ask.deadline - wall_clock.Now());
  const uint64_t id = next_id++;
  waiting.emplace(
      id, Waiting{{id, ask.caller, ask.method, now}, now, std::move(granted)});
  Follow(scheduler.Ask(id, ask, now));
}

void BudgetCore::Follow(const SlotScheduler::Decisions& decisions) {
  for (const uint64_t id : decisions.granted) {
    next.grants.push_back(std::move(waiting.extract(id).mapped()));
  }
  for (const SlotScheduler::Refusal& refusal : decisions.refused) {
    next.refusals.push_back(
        {std::move(waiting.extract(refusal.id).mapped().granted),
         RefusedByBudget(refusal, app_id, scheduler.window().limit_now())});
  }
}

void BudgetCore::Run() {
  while (true) {
    Batch batch = NextBatch();
    if (batch.stand.has_value()) observer(*batch.stand);
    for (Refused& refusal : batch.refusals) refusal.granted(refusal.why);
    if (!batch.grants.empty()) Write(std::move(batch.grants));
    if (!batch.saved.empty() || batch.delete_old) {
      store.Submit(
          [app_id = app_id, spent = std::move(batch.saved),
           now = clock.Now()](Transaction& transaction) -> absl::Status {
            for (const budget_table::Spent& row : spent) {
              RETURN_IF_ERROR(
                  budget_table::AddSpending(transaction, app_id, row, now));
            }
            return budget_table::DeleteOldSpending(transaction, app_id, now);
          },
          NoteUnwritten);
    }
    if (batch.last) return;
  }
}

BudgetCore::Batch BudgetCore::NextBatch() {
  MutexLock lock(mu);
  while (true) {
    const absl::Time now = clock.Now();
    Follow(scheduler.Decide(now));
    CollectSaved(now, &next);
    next.last = stopping;
    if (!next.grants.empty() || !next.refusals.empty() || !next.saved.empty() ||
        next.delete_old || next.last || (observer && now >= observe_at)) {
      if (observer) {
        next.stand = Snapshot(now);
        observe_at = now + kObserveEvery;
      }
      return std::exchange(next, Batch());
    }
    Rest(now);
  }
}

void BudgetCore::CollectSaved(absl::Time now, Batch* batch) {
  if (!saved.empty() && (stopping || now - saved_flushed >= kSavedFlush)) {
    for (const auto& [who, count] : saved) {
      batch->saved.push_back({who.first, who.second, 0, count});
    }
    saved.clear();
    saved_flushed = now;
  }
  if (now - old_deleted >= kOldSpendingEvery) {
    batch->delete_old = true;
    old_deleted = now;
  }
}

v1::Budget BudgetCore::Snapshot(absl::Time now) {
  v1::Budget budget = scheduler.Snapshot(now);
  budget.set_app_id(app_id);
  return budget;
}

void BudgetCore::Rest(absl::Time now) {
  absl::Time until = std::min(now + kRestMax, scheduler.next_look());
  if (!saved.empty()) until = std::min(until, saved_flushed + kSavedFlush);
  if (observer) until = std::min(until, observe_at);
  changed.WaitFor(mu, until - now);
}

// One work for all that are granted together.
void BudgetCore::Write(std::vector<Waiting> grants) {
  {
    MutexLock lock(mu);
    ++writing;
  }
  std::vector<SentSlot> slots;
  for (Waiting& grant : grants) {
    grant.slot.sent = clock.Now();
    slots.push_back(grant.slot);
  }
  auto shared = std::make_shared<std::vector<Waiting>>(std::move(grants));
  store.Submit(
      [app_id = app_id, slots = std::move(slots),
       now = clock.Now() + Ahead()](Transaction& transaction) {
        return budget_table::AddSlots(transaction, app_id, slots, now);
      },
      [core = shared_from_this(), shared](const absl::Status& status) {
        for (Waiting& grant : *shared) core->Finish(grant, status);
        MutexLock lock(core->mu);
        --core->writing;
        core->written.SignalAll();
      });
}

void BudgetCore::Finish(Waiting& grant, const absl::Status& status) {
  if (status.ok()) {
    grant.granted(std::make_unique<Slot>(shared_from_this(), grant.slot,
                                         grant.since, clock.Now()));
    return;
  }
  {
    MutexLock lock(mu);
    scheduler.window().NotSent();
    changed.Signal();
  }
  grant.granted(SlotNotWritten(status));
}

void BudgetCore::Close() {
  MutexLock lock(mu);
  closed = true;
  for (const uint64_t id : scheduler.Close()) {
    next.refusals.push_back(
        {std::move(waiting.extract(id).mapped().granted), BudgetClosing()});
  }
  changed.Signal();
}

void BudgetCore::Stop() {
  MutexLock lock(mu);
  stopping = true;
  changed.Signal();
}

void BudgetCore::Answered(const SentSlot& slot) {
  absl::Time free_at;
  {
    MutexLock lock(mu);
    free_at = scheduler.window().Answered(clock.Now());
    changed.Signal();
  }
  WriteEnd(slot.id, free_at);
}

void BudgetCore::Lost(const SentSlot& slot) {
  absl::Time free_at;
  {
    MutexLock lock(mu);
    free_at = scheduler.window().Lost(clock.Now(), straggler_max);
    changed.Signal();
  }
  WriteEnd(slot.id, free_at);
}

void BudgetCore::TooMany(const SentSlot& slot,
                         std::optional<absl::Duration> retry_after) {
  absl::Time free_at;
  LearnedLimit learned;
  absl::Time closed_until;
  {
    MutexLock lock(mu);
    SlotWindow& window = scheduler.window();
    free_at = window.TooMany(clock.Now(), retry_after);
    learned = window.learned().value_or(
        LearnedLimit{window.limit_now(), clock.Now()});
    closed_until = window.closed_until();
    changed.Signal();
  }
  LogWarning("the platform answered 429: the budget is smaller for a while",
             {{"app_id", app_id}, {"limit_now", learned.limit}});
  WriteEnd(slot.id, free_at);
  store.Submit(
      [app_id = app_id,
       learned = LearnedLimit{learned.limit, learned.since + Ahead()},
       closed_until = closed_until + Ahead()](Transaction& transaction) {
        return budget_table::KeepLearned(transaction, app_id, learned,
                                         closed_until);
      },
      NoteUnwritten);
}

void BudgetCore::NotSent(const SentSlot& slot) {
  {
    MutexLock lock(mu);
    scheduler.window().NotSent();
    changed.Signal();
  }
  store.Submit(
      [app_id = app_id, slot](Transaction& transaction) {
        return budget_table::RemoveSlot(transaction, app_id, slot);
      },
      NoteUnwritten);
}

// Where it is not written, the slot counts for longer after a restart.
void BudgetCore::WriteEnd(uint64_t id, absl::Time free_at) {
  store.Submit(
      [app_id = app_id, id,
       free_at = free_at + Ahead()](Transaction& transaction) {
        return budget_table::EndSlot(transaction, app_id, id, free_at);
      },
      NoteUnwritten);
}

}  // namespace chatgate
