#include "server/web_api/sending_time.h"

#include <algorithm>

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

// Of two opinions the earlier one: it hides no change.
absl::Time SendingTime::There(const PlatformClock& platform) const {
  if (there_.has_value() && !steady_.has_value()) return *there_;
  const absl::Time by_now =
      platform.TimeAt(platform.steady().Now() - Ago(platform));
  return there_.has_value() ? std::min(*there_, by_now) : by_now;
}

absl::Duration SendingTime::Ago(const PlatformClock& platform) const {
  const absl::Time now = platform.steady().Now();
  if (steady_.has_value()) return now - *steady_;
  const absl::Duration ours = platform.clock().Now() - of_day_;
  if (!there_.has_value() || !platform.is_heard()) return ours;
  // Two machines of the platform have told the two times.
  const absl::Duration theirs = platform.TimeAt(now) - *there_;
  if (absl::AbsDuration(theirs - ours) <= kClockSkewMax) {
    return std::min(theirs, ours);
  }
  return theirs - kClockSkewMax;  // Ours was set.
}

}  // namespace chatgate
