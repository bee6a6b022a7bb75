#ifndef CHATGATE_CLIENT_RESPONDER_ANSWERER_H_
#define CHATGATE_CLIENT_RESPONDER_ANSWERER_H_

#include <cstdint>
#include <deque>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chatgate/v1/events.pb.h"
#include "client/chat_client.h"
#include "client/responder/loop_guard.h"
#include "client/responder/rule_set.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace chatgate {

struct AnswererOptions {
  // Older events are never answered. Request ids are remembered for 24 hours,
  // and the answer may need a while: twice is enough.
  absl::Duration event_age_max = absl::Hours(12);
  // Only so much of a message is searched.
  size_t text_bytes_max = 64 << 10;
  // Conversations whose guard is remembered.
  size_t conversations_max = 10'000;
  BackoffOptions backoff = {};
  // Both outlive the answerer.
  const Clock* clock = &Clock::System();
  Waiter* waiter = &Waiter::System();
};

// How often what happened.
struct AnswerCounts {
  int64_t answered = 0;
  int64_t refused = 0;   // By the gateway, for good.
  int64_t repeated = 0;  // The answer was given before, by other rules.
  int64_t too_old = 0;
  int64_t guarded = 0;  // The loop guard was silent.
};

// Answerer answers events by rules, each at most once: every answer carries a
// request id made of app, event, rule and action (AnswerId), so that the
// gateway gives a second attempt, also of another process, the first one's
// answer.
//
// It answers what leads write (`u2a`, `reply_user` or `chat_bot_user`), never
// its own parts, never events older than `event_age_max`, and never without end
// (LoopGuard).
//
// Threads: one calls Answer; Stop and counts may be called from any.
// Lifetime: the client outlives it.
class Answerer {
 public:
  Answerer(ChatClient& client, RuleSet rules, AnswererOptions options);

  // OK: done with the event, whether it was answered or not; what the gateway
  // refuses for good is logged and counted. What may get better is retried
  // until the event is too old. CANCELLED: stopped, perhaps half-way.
  // UNAUTHENTICATED: the token is no longer right; nothing else would work.
  absl::Status Answer(const v1::Event& event) ABSL_LOCKS_EXCLUDED(mu_);

  void Stop() ABSL_LOCKS_EXCLUDED(mu_);
  AnswerCounts counts() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  bool IsForUs(const v1::Event& event) const;
  bool IsTooOld(const v1::Event& event) const;
  absl::Status ActOn(const v1::Event& event, const v1::Rule& rule,
                     absl::string_view conversation) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Reply(const v1::Event& event, const v1::Rule& rule, int action)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Send(const v1::Event& event,
                    const v1::ReplyToConversationRequest& request,
                    v1::ReplyToConversationResponse* response)
      ABSL_LOCKS_EXCLUDED(mu_);
  // False once stopped.
  bool WaitBeforeRetry(absl::Duration wait) ABSL_LOCKS_EXCLUDED(mu_);
  void Count(int64_t AnswerCounts::*what) ABSL_LOCKS_EXCLUDED(mu_);

  ChatClient& client_;  // Outlives this.
  const RuleSet rules_;
  const AnswererOptions options_;
  LoopGuard guard_;                 // Of the thread in Answer.
  std::deque<uint64_t> own_parts_;  // Of the thread in Answer; the newest last.

  mutable Mutex mu_;
  CondVar stopped_changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  AnswerCounts counts_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_ANSWERER_H_
