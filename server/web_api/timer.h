#ifndef CHATGATE_SERVER_WEB_API_TIMER_H_
#define CHATGATE_SERVER_WEB_API_TIMER_H_

#include <functional>
#include <memory>

#include "absl/time/time.h"

namespace chatgate {

// Timer runs things later.
//
// Threads: RunAt may be called from any, and never blocks; what it is given is
//          run on another thread and must not block.
class Timer {
 public:
  virtual ~Timer() = default;
  // At `time` or soon after, in the order of the times. What still waits when
  // the timer ends is dropped.
  virtual void RunAt(absl::Time time, std::function<void()> run) = 0;
};

// A timer by the machine's clock, with a thread of its own.
std::unique_ptr<Timer> MakeSystemTimer();

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_TIMER_H_
