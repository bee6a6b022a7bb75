#ifndef CHATGATE_SERVER_PLATFORM_CHANGE_CLOCK_H_
#define CHATGATE_SERVER_PLATFORM_CHANGE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "server/base/clock.h"

namespace chatgate::platform {

// The time of a change, in microseconds that no two changes share: a cursor of
// the REST form is a time alone, and must not skip what was changed in the same
// moment. Where changes come faster than the clock goes, it runs ahead.
//
// Threads: any.
class ChangeClock {
 public:
  explicit ChangeClock(const Clock& clock) : clock_(clock) {}

  absl::Time Next() {
    const int64_t now = absl::ToUnixMicros(clock_.Now());
    int64_t last = last_;
    int64_t next = 0;
    do {
      // A clock that was set back far is believed, or the times of changes
      // would stand still.
      next = last - now > kAheadMax || now > last ? now : last + 1;
    } while (!last_.compare_exchange_weak(last, next));
    return absl::FromUnixMicros(next);
  }

  // That of the newest change since the start, in microseconds; 0 for none.
  int64_t Last() const { return last_; }

 private:
  static constexpr int64_t kAheadMax = 1'000'000;

  const Clock& clock_;  // Outlives this.
  std::atomic<int64_t> last_ = 0;
};

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_CHANGE_CLOCK_H_
