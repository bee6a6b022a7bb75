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
#include "client/responder/answer_queue.h"
#include "client/responder/decider.h"
#include "client/responder/rule_set.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace chatgate {

struct AnswererOptions {
  // Older events are never answered. Request ids are remembered for 24 hours,
  // and the answer may need a while: twice is enough.
  absl::Duration event_age_max = absl::Hours(12);
  AnswerQueueOptions queue = {};
  DeciderOptions decisions = {};
  BackoffOptions backoff = {};
  const Clock* clock = &Clock::System();  // Outlives the answerer.
};

// Answerer answers events by rules, each at most once: every answer carries a
// request id made of app, event, rule and action (AnswerId), so that the
// gateway gives a second attempt, also of another process, the first one's
// answer.
//
// What to answer says Decider; events older than `event_age_max` never are, nor
// those that an operator answers before their turn has come, unless the rules
// never keep silent for operators.
//
// What cannot be answered now waits, and its conversation with it; others are
// answered meanwhile (AnswerQueue).
//
// Threads: one calls Answer, Remember and Finish; the others may be called from
// any. It has threads of its own.
// Lifetime: the client outlives it.
class Answerer {
 public:
  Answerer(ChatClient& client, RuleSet rules, AnswererOptions options);

  // OK: the events of the response are answered, need no answer, were refused
  // for good (which is logged and counted), or wait for a better moment: until
  // they are too old. CANCELLED: stopped, perhaps half-way. UNAUTHENTICATED, or
  // the reason ROLE_TOO_LOW or APP_NOT_ALLOWED: the caller may not answer;
  // nothing else would work.
  absl::Status Answer(const v1::SubscribeResponse& response)
      ABSL_LOCKS_EXCLUDED(mu_);

  // The cursor of the last response whose events, and all before, are done
  // with. Empty: there is none yet.
  std::string DoneCursor() const { return queue_.DoneCursor(); }

  // Takes note of an event that was done with before.
  void Remember(const v1::Event& event) ABSL_LOCKS_EXCLUDED(mu_);

  // Answers the next events by `rules`. What it remembers of conversations
  // stays.
  void SetRules(RuleSet rules) ABSL_LOCKS_EXCLUDED(mu_);

  void Stop() { queue_.Stop(); }
  // Stops, and waits for the answers that are under way.
  void Finish() { queue_.Finish(); }
  AnswerCounts counts() const { return metrics_.total(); }
  AnswerMetrics& metrics() { return metrics_; }
  // As of now, in Prometheus' text form.
  std::string MetricsText();

 private:
  bool IsTooOld(const v1::Event& event) const;
  Decision Decide(const v1::Event& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The events of a response that may need an answer.
  std::vector<AnswerJob> JobsOf(const v1::SubscribeResponse& response)
      ABSL_LOCKS_EXCLUDED(mu_);
  void LogSilence(const RuleSet& rules, int rule, absl::string_view why,
                  const v1::Event& event);

  // These work on a job; see AnswerQueue for what they return.
  AnswerQueue::Outcome Do(AnswerJob& job) ABSL_LOCKS_EXCLUDED(mu_);
  AnswerQueue::Outcome DoNextAct(AnswerJob& job) ABSL_LOCKS_EXCLUDED(mu_);
  // How long to wait with the act that has failed; nothing where it is no use.
  std::optional<absl::Duration> WaitAfter(const absl::Status& status,
                                          AnswerJob& job);
  void NoteAnswer(const AnswerJob& job, const ActionCall& call)
      ABSL_LOCKS_EXCLUDED(mu_);
  void NoteRefusal(const AnswerJob& job, const ActionCall& call,
                   const absl::Status& status);
  // True where the platform refuses the app's key, which an operator repairs.
  bool IsOfThePlatformsKey(const absl::Status& status);

  ChatClient& client_;  // Outlives this.
  const AnswererOptions options_;
  AnswerMetrics metrics_;

  mutable Mutex mu_;
  Decider decider_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<const RuleSet> rules_ ABSL_GUARDED_BY(mu_);

  AnswerQueue queue_;  // Last: its threads use all of the above.
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_ANSWERER_H_
