#ifndef CHATGATE_CLIENT_BACKOFF_H_
#define CHATGATE_CLIENT_BACKOFF_H_

#include <functional>

#include "absl/time/time.h"

namespace chatgate {

// How long to wait between attempts.
struct BackoffOptions {
  absl::Duration first = absl::Milliseconds(200);
  absl::Duration max = absl::Seconds(30);
  double factor = 2.0;
  // A number from [0, 1) for each call; random when unset. Tests set it.
  std::function<double()> jitter = {};
};

// The waits of one chain of attempts: `first`, `first * factor`, ... up to
// `max`, each shortened by up to a half at random, so that many clients of one
// gateway do not come back together.
//
// Threads: one at a time.
class Backoff {
 public:
  explicit Backoff(BackoffOptions options);

  // The wait before the next attempt.
  absl::Duration Next();
  // Begins again with `first`, after a success.
  void Reset() { wait_ = options_.first; }

 private:
  const BackoffOptions options_;
  absl::Duration wait_;  // Before jitter.
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_BACKOFF_H_
