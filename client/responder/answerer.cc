#include "client/responder/answerer.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/status.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// Of errors that may be the call's own fault, such as INTERNAL.
constexpr int kOddFailuresMax = 5;

// Errors that say nothing of the call, only of the moment.
bool IsOfTheMoment(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsAborted(status) ||
         RetryDelay(status).has_value();
}

// A key is replaced by people, and each attempt with it may cost a request.
constexpr absl::Duration kKeyWait = absl::Minutes(1);

// Errors that say of the caller that it may answer nobody.
bool IsOfTheCaller(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  return absl::IsUnauthenticated(status) || reason == "ROLE_TOO_LOW" ||
         reason == "APP_NOT_ALLOWED";
}

// What was asked for is so, whoever did it.
bool IsDoneAlready(const ActionCall& call, const absl::Status& status) {
  return call.rpc == "TagConversation" && absl::IsAlreadyExists(status);
}

// The names of the rule in logs and metrics.
struct RuleName {
  const std::string& id;
  const std::string& version;
};

RuleName NameOf(const RuleSet& rules, int rule) {
  return {rules.file().rules(rule).id(), rules.file().version()};
}

const Decision::Act& NextAct(const AnswerJob& job) {
  return (*job.acts)[job.acts_done];
}

RuleName NameOfNext(const AnswerJob& job) {
  return NameOf(*job.rules, NextAct(job).rule);
}

}  // namespace

Answerer::Answerer(ChatClient& client, RuleSet rules, AnswererOptions options)
    : client_(client),
      options_(std::move(options)),
      decider_(options_.decisions),
      rules_(std::make_shared<const RuleSet>(std::move(rules))),
      queue_(options_.queue, [this](AnswerJob& job) { return Do(job); }) {}

absl::Status Answerer::Answer(const v1::SubscribeResponse& response) {
  queue_.Add(JobsOf(response), response.cursor());
  return queue_.WaitUntilFree();
}

std::string Answerer::MetricsText() {
  metrics_.SetWaiting(queue_.jobs());
  return metrics_.Text();
}

std::vector<AnswerJob> Answerer::JobsOf(const v1::SubscribeResponse& response) {
  std::vector<AnswerJob> jobs;
  std::set<AnswerQueue::Conversation> queued;
  MutexLock lock(mu_);
  for (const v1::Event& event : response.events()) {
    const auto conversation = AnswerQueue::ConversationOf(event);
    if (conversation.second == 0) continue;  // Nothing to be answered.
    AnswerJob job;
    // What comes behind others is decided after they are answered.
    if (!queued.contains(conversation) && !queue_.Has(conversation)) {
      job.rules = rules_;
      job.acts = Decide(event).acts;
      if (job.acts->empty()) continue;
    }
    job.event = event;
    job.answers_earlier = rules_->human_silence() > absl::ZeroDuration() &&
                          decider_.IsFromHuman(event);
    queued.insert(conversation);
    jobs.push_back(std::move(job));
  }
  return jobs;
}

Decision Answerer::Decide(const v1::Event& event) {
  Decision decision = decider_.Decide(*rules_, event);
  for (const Decision::Silence& silence : decision.silences) {
    if (silence.is_guard) LogSilence(*rules_, silence.rule, silence.why, event);
  }
  return decision;
}

void Answerer::LogSilence(const RuleSet& rules, int rule, absl::string_view why,
                          const v1::Event& event) {
  const auto [id, version] = NameOf(rules, rule);
  metrics_.Count(&AnswerCounts::guarded, id, version);
  LogWarning("silent", {{"why", why},
                        {"rule", id},
                        {"version", version},
                        {"event", event.id()},
                        {"conversation", event.conversation()}});
}

AnswerQueue::Outcome Answerer::Do(AnswerJob& job) {
  if (!job.acts.has_value()) {
    MutexLock lock(mu_);
    job.rules = rules_;
    job.acts = Decide(job.event).acts;
  }
  while (job.acts_done < job.acts->size()) {
    const auto [rule, version] = NameOfNext(job);
    if (queue_.stopped()) return absl::CancelledError("stopped");
    if (job.is_answered) {
      LogSilence(*job.rules, NextAct(job).rule, "an operator answered it",
                 job.event);
    } else if (IsTooOld(job.event)) {
      metrics_.Count(&AnswerCounts::too_old, rule, version);
      LogWarning(
          "event is too old to be answered",
          {{"rule", rule}, {"version", version}, {"event", job.event.id()}});
      return std::nullopt;
    } else {
      ASSIGN_OR_RETURN(const std::optional<absl::Duration> wait,
                       DoNextAct(job));
      if (wait.has_value()) return wait;
    }
    ++job.acts_done;
    job.backoff.reset();
    job.failures = 0;
    job.odd_failures = 0;
  }
  return std::nullopt;
}

void Answerer::Remember(const v1::Event& event) {
  MutexLock lock(mu_);
  decider_.Decide(*rules_, event);
}

void Answerer::SetRules(RuleSet rules) {
  auto fresh = std::make_shared<const RuleSet>(std::move(rules));
  MutexLock lock(mu_);
  rules_.swap(fresh);
}

bool Answerer::IsTooOld(const v1::Event& event) const {
  return options_.clock->Now() - ReceivedTime(event) > options_.event_age_max;
}

AnswerQueue::Outcome Answerer::DoNextAct(AnswerJob& job) {
  ActionCall call = MakeCall(*job.rules, NextAct(job), job.event);
  // Between attempts others have their turn.
  CallOptions once;
  once.retry = false;
  const absl::Status status =
      client_.Call(call.rpc, *call.request, call.response.get(), once);
  if (status.ok() || IsDoneAlready(call, status)) {
    NoteAnswer(job, call);
    return std::nullopt;
  }
  std::optional<absl::Duration> wait = WaitAfter(status, job);
  if (wait.has_value()) {
    if (std::has_single_bit(static_cast<unsigned>(++job.failures))) {
      LogWarning("answer is tried again",
                 {{"event", job.event.id()},
                  {"failures", job.failures},
                  {"wait", absl::FormatDuration(*wait)},
                  {"error", ErrorLine(status)}});
    }
    return wait;
  }
  if (IsOfTheCaller(status)) return status;
  NoteRefusal(job, call, status);
  return std::nullopt;
}

std::optional<absl::Duration> Answerer::WaitAfter(const absl::Status& status,
                                                  AnswerJob& job) {
  const bool is_of_the_key = IsOfThePlatformsKey(status);
  if (IsTerminal(status) && !is_of_the_key) return std::nullopt;
  if (!is_of_the_key && !IsOfTheMoment(status) &&
      ++job.odd_failures >= kOddFailuresMax) {
    return std::nullopt;
  }
  if (!job.backoff.has_value()) job.backoff.emplace(options_.backoff);
  return std::max({job.backoff->Next(),
                   RetryDelay(status).value_or(absl::ZeroDuration()),
                   is_of_the_key ? kKeyWait : absl::ZeroDuration()});
}

void Answerer::NoteAnswer(const AnswerJob& job, const ActionCall& call) {
  {
    MutexLock lock(mu_);
    decider_.AddOwnPart(PartOf(call));
  }
  const auto [rule, version] = NameOfNext(job);
  metrics_.Count(&AnswerCounts::answered, rule, version);
  LogInfo("answered", {{"rule", rule},
                       {"version", version},
                       {"call", call.rpc},
                       {"event", job.event.id()},
                       {"conversation", job.event.conversation()},
                       {"part", PartOf(call)}});
}

void Answerer::NoteRefusal(const AnswerJob& job, const ActionCall& call,
                           const absl::Status& status) {
  const auto [rule, version] = NameOfNext(job);
  const bool is_repeated = ErrorReason(status) == "REQUEST_ID_REUSED";
  metrics_.Count(is_repeated ? &AnswerCounts::repeated : &AnswerCounts::refused,
                 rule, version);
  LogWarning(
      is_repeated ? "answered before with other words" : "answer was refused",
      {{"rule", rule},
       {"version", version},
       {"call", call.rpc},
       {"event", job.event.id()},
       {"conversation", job.event.conversation()},
       {"error", ErrorLine(status)}});
}

bool Answerer::IsOfThePlatformsKey(const absl::Status& status) {
  if (ErrorReason(status) == "KEY_REFUSED") return true;
  if (!absl::IsUnauthenticated(status)) return false;
  // The gateway refuses its own tokens in the same words as the platform. A
  // call that never leaves the gateway tells which of the two it was.
  v1::ListEventsRequest request;
  request.set_page_size(1);
  v1::ListEventsResponse response;
  CallOptions once;
  once.retry = false;
  return !absl::IsUnauthenticated(client_.ListEvents(request, &response, once));
}

}  // namespace chatgate
