#ifndef CHATGATE_SERVER_SUBSCRIPTION_JITTER_H_
#define CHATGATE_SERVER_SUBSCRIPTION_JITTER_H_

#include "absl/random/random.h"
#include "absl/time/time.h"

namespace chatgate {

// `duration`, give or take a tenth at random, so that what began together does
// not end together.
inline absl::Duration Jittered(absl::Duration duration) {
  absl::InsecureBitGen random;
  return duration * absl::Uniform(random, 0.9, 1.1);
}

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SUBSCRIPTION_JITTER_H_
