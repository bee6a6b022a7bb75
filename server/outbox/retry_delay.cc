#include "server/outbox/retry_delay.h"

#include <algorithm>

namespace chatgate {

absl::Duration RetryDelay(int64_t attempts, double jitter) {
  const int64_t doublings = std::clamp<int64_t>(attempts - 1, 0, 20);
  const absl::Duration most =
      std::min(absl::Seconds(2) * (int64_t{1} << doublings), absl::Minutes(10));
  return most / 2 + most / 2 * jitter;
}

}  // namespace chatgate
