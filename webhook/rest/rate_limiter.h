#ifndef CHATGATE_WEBHOOK_REST_RATE_LIMITER_H_
#define CHATGATE_WEBHOOK_REST_RATE_LIMITER_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace chatgate {

// How many calls a key may make: no 60 seconds hold more than the limit. A
// window that begins anew each minute would let twice as many through at its
// edge. Calls that are refused do not count.
//
// Threads: any. Memory: one time a call, up to the limit.
class RateLimiter {
 public:
  // 0 calls a minute: no limit.
  RateLimiter(uint32_t calls_per_minute, const Clock& clock)
      : calls_max_(calls_per_minute), clock_(clock) {}

  // Empty when the call may go on; else how long until the next one may.
  std::optional<absl::Duration> Refuses() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const uint32_t calls_max_;
  const Clock& clock_;  // Outlives this.

  Mutex mu_;
  std::deque<absl::Time> calls_ ABSL_GUARDED_BY(mu_);  // Oldest first.
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_REST_RATE_LIMITER_H_
