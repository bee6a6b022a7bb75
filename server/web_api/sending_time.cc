#include "server/web_api/sending_time.h"

namespace chatgate {

SendingTime SendingTime::Now(const PlatformClock& platform) {
  SendingTime time;
  time.of_day_ = platform.clock().Now();
  time.steady_ = platform.steady().Now();
  if (platform.is_heard()) time.there_ = platform.TimeAt(*time.steady_);
  return time;
}

SendingTime SendingTime::Noted(absl::Time of_day,
                               std::optional<absl::Time> there) {
  SendingTime time;
  time.of_day_ = of_day;
  time.there_ = there;
  return time;
}

// What was known then does not depend on how time was counted since: a machine
// that slept has counted too little.
absl::Time SendingTime::There(const PlatformClock& platform) const {
  if (there_.has_value()) return *there_;
  return platform.TimeAt(platform.steady().Now() - Ago(platform));
}

absl::Duration SendingTime::Ago(const PlatformClock& platform) const {
  const absl::Time now = platform.steady().Now();
  if (steady_.has_value()) return now - *steady_;
  if (there_.has_value() && platform.is_heard()) {
    return platform.TimeAt(now) - *there_;
  }
  return platform.clock().Now() - of_day_;
}

}  // namespace chatgate
