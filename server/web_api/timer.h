#ifndef CHATGATE_SERVER_WEB_API_TIMER_H_
#define CHATGATE_SERVER_WEB_API_TIMER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/time/time.h"

namespace chatgate {

// Timer runs things later.
//
// Threads: RunAt and Cancel may be called from any, and never block; what is
//          run is run on another thread and must not block.
class Timer {
 public:
  using Ticket = std::pair<absl::Time, uint64_t>;

  virtual ~Timer() = default;
  // At `time` or soon after, in the order of the times. What still waits when
  // the timer ends is dropped.
  virtual Ticket RunAt(absl::Time time, std::function<void()> run) = 0;
  // Drops it where it still waits.
  virtual void Cancel(const Ticket& ticket) = 0;
};

// A timer with a thread of its own. What is left until a time, when it is
// given, is waited for, however the time of day is set meanwhile.
std::unique_ptr<Timer> MakeSystemTimer();

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_TIMER_H_
