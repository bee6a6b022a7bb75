#ifndef CHATGATE_SERVER_BASE_STEADY_NANOS_H_
#define CHATGATE_SERVER_BASE_STEADY_NANOS_H_

#include <chrono>
#include <cstdint>

namespace chatgate {

// Nanoseconds of a clock that nobody sets, for deadlines: the time of day may
// jump. Threads: any.
inline int64_t SteadyNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BASE_STEADY_NANOS_H_
