#ifndef CHATGATE_CLIENT_WAITER_H_
#define CHATGATE_CLIENT_WAITER_H_

#include <chrono>

#include "absl/time/time.h"
#include "server/base/mutex.h"

namespace chatgate {

// How the client waits, so that tests can do it without time passing.
//
// Threads: any. Lifetime: outlives the objects that it is given to.
class Waiter {
 public:
  // What a wait is for.
  enum class Reason {
    kBackoff,  // Before another attempt; woken only to give up.
    kSilence,  // For a server that should have spoken by the end of it.
  };

  virtual ~Waiter() = default;

  // Waits until `changed` is signalled or `at_most` has passed; false in the
  // latter case. Wake-ups may be spurious.
  virtual bool Wait(Reason reason, absl::Duration at_most, CondVar& changed,
                    Mutex& mu) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) = 0;

  // What time it is, on a clock that nobody sets.
  virtual std::chrono::steady_clock::time_point Now() = 0;

  // Waits in real time; lives for ever.
  static Waiter& System();
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_WAITER_H_
