#ifndef CHATGATE_SERVER_WEB_API_CIRCUIT_BREAKER_H_
#define CHATGATE_SERVER_WEB_API_CIRCUIT_BREAKER_H_

#include <functional>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace chatgate {

struct CircuitBreakerOptions {
  int failures_max = 5;     // In a row; the next request is not sent.
  int refused_key_max = 3;  // Answers 401 in a row.
  // Until one request may try again: after the first trip, doubled with each
  // that follows, up to the longest; each up to half as long again, by chance.
  absl::Duration pause_min = absl::Seconds(1);
  absl::Duration pause_max = absl::Minutes(1);
  absl::Duration refused_key_pause = absl::Minutes(5);
  // Told when the health changes; must not block, nor call the breaker.
  std::function<void(const absl::Status& health)> on_health;
};

// CircuitBreaker keeps requests from a platform that is down, or that refuses
// the key: after a run of failures none is sent until a pause is over; then one
// tries, and how it ends decides for all.
//
//   RETURN_IF_ERROR(breaker.Admit());
//   ... send ...
//   breaker.Succeeded();  // Or Failed, KeyRefused, NotSent: exactly one.
//
// Threads: any.
// Errors:  PLATFORM_DOWN (UNAVAILABLE) with a retry delay; KEY_REFUSED
//          (FAILED_PRECONDITION), which an operator must see to.
class CircuitBreaker {
 public:
  explicit CircuitBreaker(const Clock& clock,
                          const CircuitBreakerOptions& options = {});

  // Whether a request could be sent now, without sending one.
  absl::Status Check() const ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Admit() ABSL_LOCKS_EXCLUDED(mu_);

  void Succeeded() ABSL_LOCKS_EXCLUDED(mu_);
  void Failed() ABSL_LOCKS_EXCLUDED(mu_);
  void KeyRefused() ABSL_LOCKS_EXCLUDED(mu_);
  void NotSent() ABSL_LOCKS_EXCLUDED(mu_);

  // OK, or why requests are not sent. Goes back to OK when one succeeds, not
  // when a pause is over.
  absl::Status Health() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  bool IsOpen() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Why() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status WhyNot() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Pause(absl::Duration pause) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TellHealth() ABSL_LOCKS_EXCLUDED(mu_);

  const Clock& clock_;  // Outlives this.
  const CircuitBreakerOptions options_;

  mutable Mutex mu_;
  absl::BitGen random_ ABSL_GUARDED_BY(mu_);
  int failures_ ABSL_GUARDED_BY(mu_) = 0;      // In a row.
  int refused_keys_ ABSL_GUARDED_BY(mu_) = 0;  // In a row.
  int trips_ ABSL_GUARDED_BY(mu_) = 0;         // Since the last success.
  bool trying_ ABSL_GUARDED_BY(mu_) = false;   // One is on its way.
  absl::StatusCode told_ ABSL_GUARDED_BY(mu_) = absl::StatusCode::kOk;
  absl::Time paused_from_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Time paused_until_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_CIRCUIT_BREAKER_H_
