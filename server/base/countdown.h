#ifndef CHATGATE_SERVER_BASE_COUNTDOWN_H_
#define CHATGATE_SERVER_BASE_COUNTDOWN_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace chatgate {

// Countdown is how long somebody still waits: from when it was made, by a clock
// that nobody sets. With the time of day, a wait would end at once when that is
// set forward, and go on for hours when it is set back.
//
//   const Countdown grace(absl::Seconds(10));
//   while (!done_ && !grace.IsOver()) changed_.WaitFor(mu_, grace.Left());
//
// Threads: any.
class Countdown {
 public:
  // Negative counts as zero; one of more than a year as a year.
  explicit Countdown(absl::Duration time)
      : end_(std::chrono::steady_clock::now() +
             absl::ToChronoNanoseconds(std::clamp(time, absl::ZeroDuration(),
                                                  absl::Hours(24 * 365)))) {}

  // Zero once it is over.
  absl::Duration Left() const {
    return std::max(absl::FromChrono(end_ - std::chrono::steady_clock::now()),
                    absl::ZeroDuration());
  }
  bool IsOver() const { return Left() == absl::ZeroDuration(); }

 private:
  std::chrono::steady_clock::time_point end_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BASE_COUNTDOWN_H_
