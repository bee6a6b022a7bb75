#include "client/responder/answerer.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
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

}  // namespace

Answerer::Answerer(ChatClient& client, RuleSet rules, AnswererOptions options)
    : client_(client),
      options_(std::move(options)),
      decider_(options_.decisions),
      rules_(std::make_shared<const RuleSet>(std::move(rules))) {}

absl::Status Answerer::Answer(
    const google::protobuf::RepeatedPtrField<v1::Event>& events) {
  const std::shared_ptr<const RuleSet> rules = this->rules();
  std::vector<std::vector<Job>> conversations;
  std::map<std::pair<uint64_t, uint64_t>, size_t> place_of;
  for (const v1::Event& event : events) {
    Decision decision = decider_.Decide(*rules, event);
    LogSilences(*rules, decision, event);
    const std::pair<uint64_t, uint64_t> conversation(
        event.app_id(),
        event.dashly_conversation().conversation().conversation());
    // While catching up: the operator has answered what came before.
    if (const auto place = place_of.find(conversation);
        decision.is_from_human && place != place_of.end() &&
        rules->human_silence() > absl::ZeroDuration()) {
      for (const Job& job : conversations[place->second]) {
        for (const Decision::Act& act : job.acts) {
          LogSilence(*rules, act.rule, "an operator answered it", *job.event);
        }
      }
      conversations[place->second].clear();
    }
    if (decision.acts.empty()) continue;
    const auto [place, is_new] =
        place_of.try_emplace(conversation, conversations.size());
    if (is_new) conversations.emplace_back();
    conversations[place->second].push_back({&event, std::move(decision.acts)});
  }
  absl::Status status = DoAll(*rules, conversations);
  MutexLock lock(mu_);
  for (const uint64_t part : made_parts_) decider_.AddOwnPart(part);
  made_parts_.clear();
  return status;
}

void Answerer::LogSilences(const RuleSet& rules, const Decision& decision,
                           const v1::Event& event) {
  for (const Decision::Silence& silence : decision.silences) {
    if (silence.is_guard) LogSilence(rules, silence.rule, silence.why, event);
  }
}

void Answerer::LogSilence(const RuleSet& rules, int rule, absl::string_view why,
                          const v1::Event& event) {
  const std::string& id = rules.file().rules(rule).id();
  const std::string& version = rules.file().version();
  metrics_.Count(&AnswerCounts::guarded, id, version);
  LogWarning("silent", {{"why", why},
                        {"rule", id},
                        {"version", version},
                        {"event", event.id()},
                        {"conversation", event.conversation()}});
}

absl::Status Answerer::DoAll(
    const RuleSet& rules, const std::vector<std::vector<Job>>& conversations) {
  std::atomic<size_t> next{0};
  Mutex mu;
  absl::Status first_error;
  const auto work = [&] {
    for (size_t i = next++; i < conversations.size(); i = next++) {
      for (const Job& job : conversations[i]) {
        const absl::Status status = Do(rules, job);
        if (status.ok()) continue;
        // What is under way elsewhere ends; nothing else is begun.
        next = conversations.size();
        MutexLock lock(mu);
        first_error.Update(status);
        return;
      }
    }
  };
  std::vector<std::thread> threads;
  const size_t threads_max = std::min<size_t>(
      std::max(options_.in_flight_max, 1), conversations.size());
  for (size_t i = 1; i < threads_max; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return first_error;
}

absl::Status Answerer::Do(const RuleSet& rules, const Job& job) {
  for (const Decision::Act& act : job.acts) {
    if (IsTooOld(*job.event)) {
      const std::string& rule = rules.file().rules(act.rule).id();
      const std::string& version = rules.file().version();
      metrics_.Count(&AnswerCounts::too_old, rule, version);
      LogWarning(
          "event is too old to be answered",
          {{"rule", rule}, {"version", version}, {"event", job.event->id()}});
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(Act(rules, act, *job.event));
  }
  return absl::OkStatus();
}

void Answerer::Remember(const v1::Event& event) {
  decider_.Decide(*rules(), event);
}

void Answerer::SetRules(RuleSet rules) {
  auto fresh = std::make_shared<const RuleSet>(std::move(rules));
  MutexLock lock(mu_);
  rules_.swap(fresh);
}

std::shared_ptr<const RuleSet> Answerer::rules() const {
  MutexLock lock(mu_);
  return rules_;
}

void Answerer::Stop() {
  MutexLock lock(mu_);
  stopped_ = true;
  stopped_changed_.SignalAll();
}

bool Answerer::IsTooOld(const v1::Event& event) const {
  return options_.clock->Now() - ReceivedTime(event) > options_.event_age_max;
}

absl::Status Answerer::Act(const RuleSet& rules, const Decision::Act& act,
                           const v1::Event& event) {
  ActionCall call = MakeCall(rules, act, event);
  const std::string& rule = rules.file().rules(act.rule).id();
  const std::string& version = rules.file().version();
  absl::Status status = Send(event, call);
  if (status.ok() || IsDoneAlready(call, status)) {
    {
      MutexLock lock(mu_);
      made_parts_.push_back(PartOf(call));
    }
    metrics_.Count(&AnswerCounts::answered, rule, version);
    LogInfo("answered", {{"rule", rule},
                         {"version", version},
                         {"call", call.rpc},
                         {"event", event.id()},
                         {"conversation", event.conversation()},
                         {"part", PartOf(call)}});
    return absl::OkStatus();
  }
  if (absl::IsCancelled(status) || IsOfTheCaller(status)) return status;
  const bool is_repeated = ErrorReason(status) == "REQUEST_ID_REUSED";
  metrics_.Count(is_repeated ? &AnswerCounts::repeated : &AnswerCounts::refused,
                 rule, version);
  LogWarning(
      is_repeated ? "answered before with other words" : "answer was refused",
      {{"rule", rule},
       {"version", version},
       {"call", call.rpc},
       {"event", event.id()},
       {"conversation", event.conversation()},
       {"error", ErrorLine(status)}});
  return absl::OkStatus();
}

absl::Status Answerer::Send(const v1::Event& event, ActionCall& call) {
  Backoff backoff(options_.backoff);
  int odd_failures = 0;
  while (true) {
    {
      MutexLock lock(mu_);
      if (stopped_) return absl::CancelledError("stopped");
    }
    absl::Status status =
        client_.Call(call.rpc, *call.request, call.response.get());
    if (status.ok()) return status;
    const bool is_of_the_key = IsOfThePlatformsKey(status);
    if (IsTerminal(status) && !is_of_the_key) return status;
    if (!is_of_the_key && !IsOfTheMoment(status) &&
        ++odd_failures >= kOddFailuresMax) {
      // CANCELLED is what Stop says; a gateway's own is one more odd failure.
      return absl::IsCancelled(status) ? absl::UnknownError(status.message())
                                       : status;
    }
    if (IsTooOld(event)) return absl::DeadlineExceededError(status.message());
    const absl::Duration wait = std::max(
        {backoff.Next(), RetryDelay(status).value_or(absl::ZeroDuration()),
         is_of_the_key ? kKeyWait : absl::ZeroDuration()});
    LogWarning("answer is tried again", {{"event", event.id()},
                                         {"wait", absl::FormatDuration(wait)},
                                         {"error", ErrorLine(status)}});
    if (!WaitBeforeRetry(wait)) return absl::CancelledError("stopped");
  }
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

bool Answerer::WaitBeforeRetry(absl::Duration wait) {
  MutexLock lock(mu_);
  if (!stopped_) {
    options_.waiter->Wait(Waiter::Reason::kBackoff, wait, stopped_changed_,
                          mu_);
  }
  return !stopped_;
}

}  // namespace chatgate
