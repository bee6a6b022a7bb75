#ifndef CHATGATE_SERVER_BASE_CLOCK_H_
#define CHATGATE_SERVER_BASE_CLOCK_H_

#include "absl/time/time.h"

namespace chatgate {

// The time of day, so that tests can set it. Threads: Now may be called from
// any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;

  // The machine's clock; lives for ever.
  static const Clock& System();
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BASE_CLOCK_H_
