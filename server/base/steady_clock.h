#ifndef CHATGATE_SERVER_BASE_STEADY_CLOCK_H_
#define CHATGATE_SERVER_BASE_STEADY_CLOCK_H_

#include "absl/time/time.h"
#include "server/base/clock.h"

namespace chatgate {

// The time of day when it was made, and from then on as fast as time goes, also
// while the machine sleeps: nobody sets it. A budget that followed a clock
// which is set forward would forget a minute that has not passed, and what is
// kept for a while would grow young with one that is set back.
class SteadyClock final : public Clock {
 public:
  SteadyClock();
  absl::Time Now() const override;

  // One that lives for ever.
  static const SteadyClock& System();

 private:
  const absl::Duration uptime_;
  const absl::Time start_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BASE_STEADY_CLOCK_H_
