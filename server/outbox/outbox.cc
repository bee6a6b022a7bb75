#include "server/outbox/outbox.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/outbox/outbox_operations.h"
#include "server/outbox/retry_delay.h"
#include "server/outbox/webhook_form.h"

namespace chatgate {
namespace {

using Answer = DeliveryQueue::Answer;

constexpr int kHttpOk = 200;  // Dashly repeats everything else.
constexpr absl::Duration kKeepInterval = absl::Hours(1);
constexpr absl::Duration kKeepLook = absl::Minutes(1);
constexpr absl::Duration kBusyStoreDelay = absl::Milliseconds(100);
constexpr absl::Duration kDropNoteInterval = absl::Minutes(1);

std::vector<int64_t> IdsOf(const std::vector<OutboxTarget>& targets) {
  std::vector<int64_t> ids;
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
                       delivery_table::UpsertTarget(transaction, target.app_id,
                                                    target.url_digest,
                                                    target.url.Redacted()));
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
  if (now - drop_noted_ < kDropNoteInterval) return;
  drop_noted_ = now;
  LogError("a webhook was dropped: too much waits for its target",
           {{"target", target.id}, {"url", target.url.Redacted()}});
}

void Outbox::Work() {
  while (const std::optional<LaneRun> run = queue_.Take()) {
    queue_.Finish(*run, Deliver(*run));
  }
}

Answer Outbox::Deliver(const LaneRun& run) {
  const OutboxTarget& target = *by_id_.at(run.target_id);
  Answer answer = Answer::kUnknown;
  for (const Delivery& delivery : run.deliveries) {
    std::string form = delivery.body;
    AppendFormField("token", target.token, &form);
    const absl::StatusOr<int> status =
        poster_.Post(target.url, target.allow_private_address, form);
    if (absl::IsCancelled(status.status())) return Answer::kUnknown;
    answer = status.ok() ? Answer::kSome : Answer::kNone;
    if (!Record(run, delivery, status, answer)) return Answer::kUnknown;
    if (!status.ok() || *status != kHttpOk) break;
  }
  return answer;
}

bool Outbox::Record(const LaneRun& run, const Delivery& delivery,
                    const absl::StatusOr<int>& status, Answer answer) {
  const absl::Time now = clock_.Now();
  int given_up = 0;
  absl::Status written;
  if (status.ok() && *status == kHttpOk) {
    written = WritePatiently([&](Transaction& transaction) {
      return delivery_table::RecordDelivered(transaction, run.target_id,
                                             run.lane, delivery.id, now);
    });
  } else {
    absl::BitGen jitter;
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
        .silent = queue_.IsSilent(run.target_id, answer)};
    written = WritePatiently([&](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(given_up, delivery_table::RecordFailed(
                                     transaction, attempt, options_.limits));
      return absl::OkStatus();
    });
    if (written.ok() && given_up > 0) {
      LogError("webhooks were given up", {{"target", run.target_id},
                                          {"count", given_up},
                                          {"why", attempt.error}});
    }
  }
  if (!written.ok()) {
    LogError("what came of a webhook cannot be recorded",
             {{"why", written.message()}});
  }
  return written.ok();
}

// A store with a full queue is no reason to send again: waits for room.
absl::Status Outbox::WritePatiently(const Store::Work& work) {
  while (true) {
    const absl::Status status = store_.Write(work);
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
