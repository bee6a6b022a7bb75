#ifndef CHATGATE_SERVER_BASE_STEADY_CLOCK_H_
#define CHATGATE_SERVER_BASE_STEADY_CLOCK_H_

#include <chrono>

#include "absl/time/clock.h"
#include "server/base/clock.h"

namespace chatgate {

// The time of day when it was made, and from then on as fast as time goes:
// nobody sets it. A budget that followed a clock which is set forward would
// forget a minute that has not passed, and what is kept for a while would grow
// young with one that is set back.
class SteadyClock final : public Clock {
 public:
  absl::Time Now() const override {
    return start_ +
           absl::FromChrono(std::chrono::steady_clock::now() - steady_);
  }

 private:
  const std::chrono::steady_clock::time_point steady_ =
      std::chrono::steady_clock::now();
  const absl::Time start_ = absl::Now();
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BASE_STEADY_CLOCK_H_
