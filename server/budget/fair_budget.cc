#include "server/budget/fair_budget.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/budget/budget_status.h"
#include "server/budget/budget_table.h"

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

}  // namespace

// Everything that the budget's thread, the callers and the slots share.
struct FairBudget::Core : public std::enable_shared_from_this<Core> {
  struct Waiting {
    SentSlot slot;
    absl::Time since;
    Granted granted;
  };
  struct Refused {
    Granted granted;
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

  Core(Store& store, const Clock& clock, const FairBudgetOptions& options)
      : store(store),
        clock(clock),
        wall_clock(*options.wall_clock),
        app_id(options.app_id),
        straggler_max(options.straggler_max),
        observer(options.observer),
        scheduler(options.scheduler) {}

  void Ask(BudgetAsk ask, Granted granted) ABSL_LOCKS_EXCLUDED(mu);
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
  void Answered(const SentSlot& slot) ABSL_LOCKS_EXCLUDED(mu);
  void Lost(const SentSlot& slot) ABSL_LOCKS_EXCLUDED(mu);
  void TooMany(const SentSlot& slot, std::optional<absl::Duration> retry_after)
      ABSL_LOCKS_EXCLUDED(mu);
  void NotSent(const SentSlot& slot) ABSL_LOCKS_EXCLUDED(mu);
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

namespace {

// Ends once, by one of its methods or by its destructor.
template <typename Core>
class Slot final : public BudgetSlot {
 public:
  Slot(std::shared_ptr<Core> core, SentSlot slot, absl::Time since,
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
  std::shared_ptr<Core> core_;  // Null once it has ended.
  const SentSlot slot_;
  const absl::Duration queued_;
};

}  // namespace

void FairBudget::Core::Ask(BudgetAsk ask, Granted granted) {
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

void FairBudget::Core::Follow(const SlotScheduler::Decisions& decisions) {
  for (const uint64_t id : decisions.granted) {
    next.grants.push_back(std::move(waiting.extract(id).mapped()));
  }
  for (const SlotScheduler::Refusal& refusal : decisions.refused) {
    next.refusals.push_back(
        {std::move(waiting.extract(refusal.id).mapped().granted),
         RefusedByBudget(refusal, app_id, scheduler.window().limit_now())});
  }
}

void FairBudget::Core::Run() {
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

FairBudget::Core::Batch FairBudget::Core::NextBatch() {
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

void FairBudget::Core::CollectSaved(absl::Time now, Batch* batch) {
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

v1::Budget FairBudget::Core::Snapshot(absl::Time now) {
  v1::Budget budget = scheduler.Snapshot(now);
  budget.set_app_id(app_id);
  return budget;
}

void FairBudget::Core::Rest(absl::Time now) {
  absl::Time until = std::min(now + kRestMax, scheduler.next_look());
  if (!saved.empty()) until = std::min(until, saved_flushed + kSavedFlush);
  if (observer) until = std::min(until, observe_at);
  changed.WaitFor(mu, until - now);
}

// One work for all that are granted together.
void FairBudget::Core::Write(std::vector<Waiting> grants) {
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

void FairBudget::Core::Finish(Waiting& grant, const absl::Status& status) {
  if (status.ok()) {
    grant.granted(std::make_unique<Slot<Core>>(shared_from_this(), grant.slot,
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

void FairBudget::Core::Close() {
  MutexLock lock(mu);
  closed = true;
  for (const uint64_t id : scheduler.Close()) {
    next.refusals.push_back(
        {std::move(waiting.extract(id).mapped().granted), BudgetClosing()});
  }
  changed.Signal();
}

void FairBudget::Core::Stop() {
  MutexLock lock(mu);
  stopping = true;
  changed.Signal();
}

void FairBudget::Core::Answered(const SentSlot& slot) {
  absl::Time free_at;
  {
    MutexLock lock(mu);
    free_at = scheduler.window().Answered(clock.Now());
    changed.Signal();
  }
  WriteEnd(slot.id, free_at);
}

void FairBudget::Core::Lost(const SentSlot& slot) {
  absl::Time free_at;
  {
    MutexLock lock(mu);
    free_at = scheduler.window().Lost(clock.Now(), straggler_max);
    changed.Signal();
  }
  WriteEnd(slot.id, free_at);
}

void FairBudget::Core::TooMany(const SentSlot& slot,
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

void FairBudget::Core::NotSent(const SentSlot& slot) {
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
void FairBudget::Core::WriteEnd(uint64_t id, absl::Time free_at) {
  store.Submit(
      [app_id = app_id, id,
       free_at = free_at + Ahead()](Transaction& transaction) {
        return budget_table::EndSlot(transaction, app_id, id, free_at);
      },
      NoteUnwritten);
}

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
  auto core = std::make_shared<Core>(store, clock, options);
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

FairBudget::FairBudget(std::shared_ptr<Core> core)
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
  ++core_->saved[{caller, method}];
  core_->changed.Signal();
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
