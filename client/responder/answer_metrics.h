#ifndef CHATGATE_CLIENT_RESPONDER_ANSWER_METRICS_H_
#define CHATGATE_CLIENT_RESPONDER_ANSWER_METRICS_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/base/mutex.h"

namespace chatgate {

// How often what happened.
struct AnswerCounts {
  int64_t answered = 0;
  int64_t refused = 0;   // By the gateway, for good.
  int64_t repeated = 0;  // The answer was given before, by other rules.
  int64_t too_old = 0;
  int64_t guarded = 0;  // The loop guard was silent.
};

// AnswerMetrics counts what became of rules that matched, by rule and version
// of the rule file. At most 20,000 pairs have counters of their own, the others
// share one.
//
// Threads: any.
class AnswerMetrics {
 public:
  static constexpr size_t kPairsMax = 20'000;

  void Count(int64_t AnswerCounts::*what, absl::string_view rule,
             absl::string_view version) ABSL_LOCKS_EXCLUDED(mu_);
  // Events that are gone, and rule files that were read again.
  void CountGap(uint64_t events) ABSL_LOCKS_EXCLUDED(mu_);
  void CountReload(bool ok) ABSL_LOCKS_EXCLUDED(mu_);
  // Events that are not done with, as of now.
  void SetWaiting(size_t events) ABSL_LOCKS_EXCLUDED(mu_);

  // Over all rules.
  AnswerCounts total() const ABSL_LOCKS_EXCLUDED(mu_);
  uint64_t events_missed() const ABSL_LOCKS_EXCLUDED(mu_);

  // Prometheus' text form.
  std::string Text() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Pair = std::pair<std::string, std::string>;  // Rule, version.

  mutable Mutex mu_;
  std::map<Pair, AnswerCounts> by_rule_ ABSL_GUARDED_BY(mu_);
  AnswerCounts total_ ABSL_GUARDED_BY(mu_);
  uint64_t gaps_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t events_missed_ ABSL_GUARDED_BY(mu_) = 0;
  size_t waiting_ ABSL_GUARDED_BY(mu_) = 0;
  std::array<uint64_t, 2> reloads_ ABSL_GUARDED_BY(mu_) = {0, 0};
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_ANSWER_METRICS_H_
