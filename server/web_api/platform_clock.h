#ifndef CHATGATE_SERVER_WEB_API_PLATFORM_CLOCK_H_
#define CHATGATE_SERVER_WEB_API_PLATFORM_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace chatgate {

// How far the platform's clock is ahead of ours, by what its answers say: the
// times of its parts are told by it. Threads: any.
class PlatformClock {
 public:
  // An answer that came at `now` was written at `date`.
  void Hear(absl::Time date, absl::Time now) {
    seconds_ahead_ = absl::ToInt64Seconds(date - now);
  }

  // What it shows where ours shows `ours`; the same while nothing was heard.
  absl::Time TimeThere(absl::Time ours) const {
    return ours + absl::Seconds(seconds_ahead_.load());
  }

 private:
  std::atomic<int64_t> seconds_ahead_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_PLATFORM_CLOCK_H_
