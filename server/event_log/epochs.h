#ifndef CHATGATE_SERVER_EVENT_LOG_EPOCHS_H_
#define CHATGATE_SERVER_EVENT_LOG_EPOCHS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace chatgate {

// Epochs are who wrote what of a log: each run of a gateway that appends is one
// of its own. A copy that is restored and goes on parts from what its original
// became, and a position of that is known by its epoch, though there may be an
// event of the same seq here (docs/adr/0028).
//
//   const Epochs epochs({{0, 0xA1}, {1, 0xA2}});
//   epochs.At(0);  // 0xA1
//   epochs.At(7);  // 0xA2
//
// Threads: immutable.
class Epochs {
 public:
  struct Run {
    uint64_t first_seq;
    uint64_t epoch;
  };

  // Oldest first; the first begins at 0.
  explicit Epochs(std::vector<Run> runs);

  // The epoch in which `seq` was written, or will be.
  uint64_t At(uint64_t seq) const;

  // That of the last run.
  uint64_t last() const { return runs_.back().epoch; }
  uint64_t last_first_seq() const { return runs_.back().first_seq; }

 private:
  const std::vector<Run> runs_;
};

// An epoch of a new log; never 0. UNAVAILABLE: there are no random bits.
absl::StatusOr<uint64_t> MakeEpoch();
// Another of the same log, for its next run.
absl::StatusOr<uint64_t> MakeNextEpoch(uint64_t epoch);
// Both are of one log, or of copies of it.
bool AreOfOneLog(uint64_t epoch_a, uint64_t epoch_b);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_EPOCHS_H_
