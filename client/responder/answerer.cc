#include "client/responder/answerer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/responder/answer_id.h"
#include "client/status.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr size_t kOwnPartsMax = 1'000;
// Of errors that may be the call's own fault, such as INTERNAL.
constexpr int kOddFailuresMax = 5;

absl::Time ReceivedTime(const v1::Event& event) {
  return absl::FromUnixSeconds(event.received_time().seconds()) +
         absl::Nanoseconds(event.received_time().nanos());
}

// Errors that say nothing of the call, only of the moment.
bool IsOfTheMoment(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsAborted(status) ||
         RetryDelay(status).has_value();
}

}  // namespace

Answerer::Answerer(ChatClient& client, RuleSet rules, AnswererOptions options)
    : client_(client),
      rules_(std::move(rules)),
      options_(std::move(options)),
      guard_(rules_.answers_in_a_row_max(), options_.conversations_max) {}

absl::Status Answerer::Answer(const v1::Event& event) {
  if (!IsForUs(event)) return absl::OkStatus();
  const v1::ConversationPart& part = event.dashly_conversation().conversation();
  const absl::string_view text =
      absl::string_view(part.body()).substr(0, options_.text_bytes_max);
  const std::string conversation =
      absl::StrCat(event.app_id(), " ", part.conversation());
  guard_.LeadWrites(conversation, text);
  for (const int index : rules_.Match(text)) {
    const v1::Rule& rule = rules_.file().rules(index);
    if (IsTooOld(event)) {
      Count(&AnswerCounts::too_old);
      LogWarning("event is too old to be answered",
                 {{"rule", rule.id()}, {"event", event.id()}});
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(ActOn(event, rule, conversation));
  }
  return absl::OkStatus();
}

void Answerer::Stop() {
  MutexLock lock(mu_);
  stopped_ = true;
  stopped_changed_.SignalAll();
}

AnswerCounts Answerer::counts() const {
  MutexLock lock(mu_);
  return counts_;
}

bool Answerer::IsForUs(const v1::Event& event) const {
  if (!event.has_dashly_conversation()) return false;
  const v1::ConversationPart& part = event.dashly_conversation().conversation();
  const bool is_leads = part.direction() == "u2a" &&
                        !part.sender().has_admin() &&
                        !part.sender().has_message_sender();
  const bool is_message =
      part.type() == "reply_user" || part.type() == "chat_bot_user";
  const bool is_own = std::find(own_parts_.begin(), own_parts_.end(),
                                part.id()) != own_parts_.end();
  return is_leads && is_message && !is_own && part.conversation() != 0;
}

bool Answerer::IsTooOld(const v1::Event& event) const {
  return options_.clock->Now() - ReceivedTime(event) > options_.event_age_max;
}

absl::Status Answerer::ActOn(const v1::Event& event, const v1::Rule& rule,
                             absl::string_view conversation) {
  for (int action = 0; action < rule.actions_size(); ++action) {
    if (!guard_.MayAnswer(conversation)) {
      Count(&AnswerCounts::guarded);
      LogWarning("silent, so as not to talk without end",
                 {{"rule", rule.id()},
                  {"event", event.id()},
                  {"conversation", event.conversation()}});
      continue;
    }
    RETURN_IF_ERROR(Reply(event, rule, action));
    guard_.Answered(conversation);
  }
  return absl::OkStatus();
}

absl::Status Answerer::Reply(const v1::Event& event, const v1::Rule& rule,
                             int action) {
  const v1::Reply& reply = rule.actions(action).reply();
  v1::ReplyToConversationRequest request;
  request.set_app_id(event.app_id());
  request.set_conversation_id(
      event.dashly_conversation().conversation().conversation());
  request.set_body(reply.body());
  request.set_type(reply.type());
  request.set_bot_name(rules_.bot_name());
  request.set_request_id(
      AnswerId(event.app_id(), event.id(), rule.id(), action));
  request.set_random_id(AnswerRandomId(request.request_id()));
  v1::ReplyToConversationResponse response;
  const absl::Status status = Send(event, request, &response);
  if (status.ok()) {
    own_parts_.push_back(response.part().id());
    if (own_parts_.size() > kOwnPartsMax) own_parts_.pop_front();
    Count(&AnswerCounts::answered);
    LogInfo("answered", {{"rule", rule.id()},
                         {"event", event.id()},
                         {"conversation", event.conversation()},
                         {"part", response.part().id()}});
    return absl::OkStatus();
  }
  if (absl::IsCancelled(status) || absl::IsUnauthenticated(status)) {
    return status;
  }
  const bool is_repeated = ErrorReason(status) == "REQUEST_ID_REUSED";
  Count(is_repeated ? &AnswerCounts::repeated : &AnswerCounts::refused);
  LogWarning(
      is_repeated ? "answered before with other words" : "answer was refused",
      {{"rule", rule.id()},
       {"event", event.id()},
       {"conversation", event.conversation()},
       {"error", ErrorLine(status)}});
  return absl::OkStatus();
}

absl::Status Answerer::Send(const v1::Event& event,
                            const v1::ReplyToConversationRequest& request,
                            v1::ReplyToConversationResponse* response) {
  Backoff backoff(options_.backoff);
  int odd_failures = 0;
  while (true) {
    {
      MutexLock lock(mu_);
      if (stopped_) return absl::CancelledError("stopped");
    }
    const absl::Status status = client_.ReplyToConversation(request, response);
    if (status.ok() || IsTerminal(status)) return status;
    if (!IsOfTheMoment(status) && ++odd_failures >= kOddFailuresMax) {
      // CANCELLED is what Stop says; a gateway's own is one more odd failure.
      return absl::IsCancelled(status) ? absl::UnknownError(status.message())
                                       : status;
    }
    if (IsTooOld(event)) return absl::DeadlineExceededError(status.message());
    const absl::Duration wait = std::max(
        backoff.Next(), RetryDelay(status).value_or(absl::ZeroDuration()));
    LogWarning("answer is tried again", {{"event", event.id()},
                                         {"wait", absl::FormatDuration(wait)},
                                         {"error", ErrorLine(status)}});
    if (!WaitBeforeRetry(wait)) return absl::CancelledError("stopped");
  }
}

bool Answerer::WaitBeforeRetry(absl::Duration wait) {
  MutexLock lock(mu_);
  if (!stopped_) {
    options_.waiter->Wait(Waiter::Reason::kBackoff, wait, stopped_changed_,
                          mu_);
  }
  return !stopped_;
}

void Answerer::Count(int64_t AnswerCounts::*what) {
  MutexLock lock(mu_);
  ++(counts_.*what);
}

}  // namespace chatgate
