#ifndef CHATGATE_CLIENT_RESPONDER_ANSWERER_H_
#define CHATGATE_CLIENT_RESPONDER_ANSWERER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chatgate/v1/events.pb.h"
#include "client/chat_client.h"
#include "client/responder/action_call.h"
#include "client/responder/answer_metrics.h"
#include "client/responder/decider.h"
#include "client/responder/rule_set.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace chatgate {

struct AnswererOptions {
  // Older events are never answered. Request ids are remembered for 24 hours,
  // and the answer may need a while: twice is enough.
  absl::Duration event_age_max = absl::Hours(12);
  // Conversations that are answered at once; each one's answers keep their
  // order.
  int in_flight_max = 8;
  DeciderOptions decisions = {};
  BackoffOptions backoff = {};
  // Both outlive the answerer.
  const Clock* clock = &Clock::System();
  Waiter* waiter = &Waiter::System();
};

// Answerer answers events by rules, each at most once: every answer carries a
// request id made of app, event, rule and action (AnswerId), so that the
// gateway gives a second attempt, also of another process, the first one's
// answer.
//
// What to answer says Decider; events older than `event_age_max` never are, nor
// those that an operator answers later among the events given at once, unless
// the rules never keep silent for operators.
//
// Threads: one calls Answer and Remember; the others may be called from any.
// Answer has threads of its own while it runs.
// Lifetime: the client outlives it.
class Answerer {
 public:
  Answerer(ChatClient& client, RuleSet rules, AnswererOptions options);

  // OK: done with the events, whether they were answered or not; what the
  // gateway refuses for good is logged and counted. What may get better is
  // retried until the event is too old. CANCELLED: stopped, perhaps half-way.
  // UNAUTHENTICATED, or the reason ROLE_TOO_LOW or APP_NOT_ALLOWED: the caller
  // may not answer; nothing else would work.
  absl::Status Answer(
      const google::protobuf::RepeatedPtrField<v1::Event>& events)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Takes note of an event that was done with before.
  void Remember(const v1::Event& event) ABSL_LOCKS_EXCLUDED(mu_);

  // Answers the next events by `rules`. What it remembers of conversations
  // stays.
  void SetRules(RuleSet rules) ABSL_LOCKS_EXCLUDED(mu_);

  void Stop() ABSL_LOCKS_EXCLUDED(mu_);
  AnswerCounts counts() const { return metrics_.total(); }
  AnswerMetrics& metrics() { return metrics_; }

 private:
  std::shared_ptr<const RuleSet> rules() const ABSL_LOCKS_EXCLUDED(mu_);
  bool IsTooOld(const v1::Event& event) const;
  // What is to be done about one event.
  struct Job {
    const v1::Event* event;
    std::vector<Decision::Act> acts;
  };

  void LogSilences(const RuleSet& rules, const Decision& decision,
                   const v1::Event& event);
  void LogSilence(const RuleSet& rules, int rule, absl::string_view why,
                  const v1::Event& event);
  // Does all jobs of each conversation in their order.
  absl::Status DoAll(const RuleSet& rules,
                     const std::vector<std::vector<Job>>& conversations)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Do(const RuleSet& rules, const Job& job)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Act(const RuleSet& rules, const Decision::Act& act,
                   const v1::Event& event) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Send(const v1::Event& event, ActionCall& call)
      ABSL_LOCKS_EXCLUDED(mu_);
  // True where the platform refuses the app's key, which an operator repairs.
  bool IsOfThePlatformsKey(const absl::Status& status);
  // False once stopped.
  bool WaitBeforeRetry(absl::Duration wait) ABSL_LOCKS_EXCLUDED(mu_);

  ChatClient& client_;  // Outlives this.
  const AnswererOptions options_;
  AnswerMetrics metrics_;
  Decider decider_;  // Of the thread in Answer.

  mutable Mutex mu_;
  CondVar stopped_changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::shared_ptr<const RuleSet> rules_ ABSL_GUARDED_BY(mu_);
  std::vector<uint64_t> made_parts_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_ANSWERER_H_
