#ifndef CHATGATE_SERVER_OUTBOX_RETRY_DELAY_H_
#define CHATGATE_SERVER_OUTBOX_RETRY_DELAY_H_

#include <cstdint>

#include "absl/time/time.h"

namespace chatgate {

// How long to wait after the attempt number `attempts` (from 1) has failed: 1
// to 2 seconds after the first, twice as long after each further one, 5 to 10
// minutes at last. `jitter` is from [0, 1) and spreads what failed together.
absl::Duration RetryDelay(int64_t attempts, double jitter);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_RETRY_DELAY_H_
