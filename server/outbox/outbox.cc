#include "server/outbox/outbox.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/outbox/outbox_operations.h"
#include "server/outbox/retry_delay.h"
#include "server/outbox/submitted_works.h"
#include "server/outbox/webhook_form.h"

namespace chatgate {
namespace {

using Answer = DeliveryQueue::Answer;

constexpr int kHttpOk = 200;  // Dashly repeats everything else.
constexpr int kHttpPayloadTooLarge = 413;
constexpr absl::Duration kKeepInterval = absl::Hours(1);
constexpr absl::Duration kKeepLook = absl::Minutes(1);
constexpr absl::Duration kBusyStoreDelay = absl::Milliseconds(100);
constexpr absl::Duration kNoteInterval = absl::Minutes(1);

std::vector<int64_t> IdsOf(const std::vector<OutboxTarget>& targets) {
  std::vector<int64_t> ids;
  ids.reserve(targets.size());
  for (const OutboxTarget& target : targets) ids.push_back(target.id);
  return ids;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Outbox>> Outbox::Create(
    Store& store, Poster& poster, const Clock& clock,
    const std::vector<OutboxApp>& apps, const OutboxOptions& options) {
  ASSIGN_OR_RETURN(std::vector<OutboxTarget> targets, CheckTargets(apps));
  RETURN_IF_ERROR(store.Write([&](Transaction& transaction) -> absl::Status {
    for (OutboxTarget& target : targets) {
      ASSIGN_OR_RETURN(target.id,
                       delivery_table::UpsertTarget(
                           transaction, target.app_id, target.url_digest,
                           target.url.Redacted(), clock.Now()));
    }
    return absl::OkStatus();
  }));
  return std::unique_ptr<Outbox>(
      new Outbox(store, poster, clock, std::move(targets), options));
}

Outbox::Outbox(Store& store, Poster& poster, const Clock& clock,
               std::vector<OutboxTarget> targets, const OutboxOptions& options)
    : store_(store),
      poster_(poster),
      clock_(clock),
      options_(options),
      targets_(std::move(targets)),
      queue_(store, clock, IdsOf(targets_), options.queue),
      operations_(std::make_unique<OutboxOperations>(
          store, clock, targets_, options_.limits,
          [this](int64_t target_id) { queue_.Wake(target_id); })) {
  for (const OutboxTarget& target : targets_) {
    by_id_[target.id] = &target;
    by_app_[target.app_id].push_back(&target);
  }
}

Outbox::~Outbox() { Stop(); }

void Outbox::Start() {
  for (int i = 0; i < options_.workers; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
  threads_.emplace_back([this] { Keep(); });
}

void Outbox::Stop() {
  queue_.Stop();
  poster_.Cancel();
  {
    MutexLock lock(mu_);
    stopping_ = true;
    stopped_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

absl::Status Outbox::OnAppend(Transaction& transaction,
                              const v1::Event& event) {
  const auto app = by_app_.find(event.app_id());
  if (app == by_app_.end() || !IsWebhook(event)) return absl::OkStatus();
  const std::string& name = event.dashly_event().event_name();
  std::optional<WebhookForm> form;
  for (const OutboxTarget* target : app->second) {
    if (event.has_dashly_event() && !target->wanted_events.contains(name)) {
      continue;
    }
    if (!form.has_value()) form = MakeWebhookForm(event);
    ASSIGN_OR_RETURN(const bool added,
                     delivery_table::Add(transaction, target->id, *form,
                                         clock_.Now(), options_.limits));
    if (!added) {
      NoteDrop(*target);
      continue;
    }
    transaction.OnCommit([this, id = target->id] { queue_.Wake(id); });
  }
  return absl::OkStatus();
}

void Outbox::NoteDrop(const OutboxTarget& target) {
  const absl::Time now = clock_.Now();
  if (now - drop_noted_ < kNoteInterval) return;
  drop_noted_ = now;
  LogError("a webhook was dropped: too much waits for its target",
           {{"target", target.id}, {"url", target.url.Redacted()}});
}

void Outbox::Work() {
  while (const std::optional<LaneRun> run = queue_.Take()) {
    Deliver(*run);
  }
}

void Outbox::Deliver(const LaneRun& run) {
  absl::Duration slowest;
  const Answer answer = PostRun(run, &slowest);
  queue_.Finish(run, answer, slowest);
}

Answer Outbox::PostRun(const LaneRun& run, absl::Duration* slowest) {
  const OutboxTarget& target = *by_id_.at(run.target_id);
  Answer answer = Answer::kUnknown;
  // While one result is synced, the next delivery is posted.
  SubmittedWorks results(store_);
  absl::Status recorded;
  const absl::Time begin = clock_.Now();
  for (const Delivery& delivery : run.deliveries) {
    const absl::Time post_begin = clock_.Now();
    // The rest is due again when the run is finished. One is posted at least.
    if (&delivery != &run.deliveries.front() &&
        post_begin - begin > options_.queue.run_time_max) {
      break;
    }
    std::string form = delivery.body;
    AppendFormField("token", target.token, &form);
    const absl::StatusOr<int> status =
        poster_.Post(target.url, target.allow_private_address, form);
    if (absl::IsCancelled(status.status())) return Answer::kUnknown;
    *slowest = std::max(*slowest, clock_.Now() - post_begin);
    answer = status.ok() ? Answer::kSome : Answer::kNone;
    const bool delivered = status.ok() && *status == kHttpOk;
    recorded = delivered ? RecordDelivered(run, delivery, results)
                         : RecordFailed(run, delivery, status, answer);
    if (!recorded.ok() || !delivered) break;
  }
  recorded.Update(results.Wait());
  if (recorded.ok()) return answer;
  LogError("what came of a webhook cannot be recorded",
           {{"why", recorded.message()}});
  return Answer::kUnknown;
}

absl::Status Outbox::RecordDelivered(const LaneRun& run,
                                     const Delivery& delivery,
                                     SubmittedWorks& results) {
  // The run lives until the results have been waited for.
  const Store::Work work = [&run, id = delivery.id,
                            now = clock_.Now()](Transaction& transaction) {
    return delivery_table::RecordDelivered(transaction, run.target_id, run.lane,
                                           id, now);
  };
  return results.Submit(work) ? absl::OkStatus() : WritePatiently(work);
}

absl::Status Outbox::RecordFailed(const LaneRun& run, const Delivery& delivery,
                                  const absl::StatusOr<int>& status,
                                  Answer answer) {
  absl::BitGen jitter;
  const absl::Time now = clock_.Now();
  const delivery_table::FailedAttempt attempt{
      .target_id = run.target_id,
      .lane = run.lane,
      .id = delivery.id,
      .error = status.ok() ? absl::StrCat("answered ", *status)
                           : std::string(status.status().message()),
      .now = now,
      .next_attempt = now + RetryDelay(delivery.attempts + 1,
                                       absl::Uniform(jitter, 0.0, 1.0)),
      .answered = status.ok(),
      .permanent = status.ok() && *status == kHttpPayloadTooLarge,
      .silent = queue_.IsSilent(run.target_id, answer)};
  int given_up = 0;
  RETURN_IF_ERROR(WritePatiently([&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(given_up, delivery_table::RecordFailed(
                                   transaction, attempt, options_.limits));
    return absl::OkStatus();
  }));
  if (given_up > 0) NoteGivenUp(run.target_id, attempt.error);
  return absl::OkStatus();
}

// The tables say how many: the log only that there is something to look at.
void Outbox::NoteGivenUp(int64_t target_id, const std::string& why) {
  const absl::Time now = clock_.Now();
  {
    MutexLock lock(mu_);
    if (now - given_up_noted_ < kNoteInterval) return;
    given_up_noted_ = now;
  }
  LogError("webhooks are being given up",
           {{"target", target_id}, {"why", why}});
}

// A store with a full queue is no reason to send again: waits for room.
absl::Status Outbox::WritePatiently(const Store::Work& work) {
  while (true) {
    absl::Status status = store_.Write(work);
    if (!absl::IsResourceExhausted(status)) return status;
    MutexLock lock(mu_);
    if (stopping_) return status;
    stopped_.WaitFor(mu_, kBusyStoreDelay);
  }
}

// Deletes what is too old, once an hour.
void Outbox::Keep() {
  absl::Time next = absl::InfinitePast();
  while (true) {
    {
      MutexLock lock(mu_);
      while (!stopping_ && clock_.Now() < next) {
        stopped_.WaitFor(mu_, kKeepLook);
      }
      if (stopping_) return;
    }
    bool more = false;
    const absl::Status status =
        WritePatiently([&](Transaction& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(more,
                           delivery_table::DeleteOld(transaction, clock_.Now(),
                                                     options_.limits));
          return absl::OkStatus();
        });
    next = status.ok() && more ? absl::InfinitePast()
                               : clock_.Now() + kKeepInterval;
  }
}

}  // namespace chatgate
