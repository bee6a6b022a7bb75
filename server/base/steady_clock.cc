#include "server/base/steady_clock.h"

#include <time.h>

#include "absl/time/clock.h"

namespace chatgate {
namespace {

absl::Duration Uptime() {
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return absl::DurationFromTimespec(now);
}

}  // namespace

SteadyClock::SteadyClock() : uptime_(Uptime()), start_(absl::Now()) {}

absl::Time SteadyClock::Now() const { return start_ + (Uptime() - uptime_); }

const SteadyClock& SteadyClock::System() {
  static const auto& clock = *new SteadyClock();
  return clock;
}

}  // namespace chatgate
