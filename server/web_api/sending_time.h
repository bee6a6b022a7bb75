#ifndef CHATGATE_SERVER_WEB_API_SENDING_TIME_H_
#define CHATGATE_SERVER_WEB_API_SENDING_TIME_H_

#include <optional>

#include "absl/time/time.h"
#include "server/web_api/platform_clock.h"

namespace chatgate {

// When something was sent, so that it still can be told after our clock was
// set. Immutable.
class SendingTime {
 public:
  SendingTime() = default;

  // This moment.
  static SendingTime Now(const PlatformClock& platform);
  // As an earlier call, or an earlier life, has noted it: by the platform's
  // clock, where that was known, and by our time of day.
  static SendingTime Noted(absl::Time of_day, std::optional<absl::Time> there);

  // By the platform's clock.
  absl::Time There(const PlatformClock& platform) const;
  // Since then, and rather less than more.
  absl::Duration Ago(const PlatformClock& platform) const;

  // What is noted beside the time of day.
  const std::optional<absl::Time>& there() const { return there_; }

 private:
  absl::Time of_day_;
  std::optional<absl::Time> there_;   // Where it was known at that moment.
  std::optional<absl::Time> steady_;  // Of this life.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_SENDING_TIME_H_
