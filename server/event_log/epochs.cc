#include "server/event_log/epochs.h"

#include <sys/random.h>

#include <algorithm>
#include <utility>

#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// The upper half names the log, the lower one the run.
constexpr uint64_t kLogBits = ~uint64_t{0} << 32;

}  // namespace

Epochs::Epochs(std::vector<Run> runs) : runs_(std::move(runs)) {}

uint64_t Epochs::At(uint64_t seq) const {
  // Nearly everybody asks about the last one.
  if (seq >= last_first_seq()) return last();
  const auto after = std::upper_bound(
      runs_.begin(), runs_.end(), seq,
      [](uint64_t value, const Run& run) { return value < run.first_seq; });
  return std::prev(after)->epoch;
}

absl::StatusOr<uint64_t> MakeEpoch() {
  uint64_t epoch = 0;
  while ((epoch & kLogBits) == 0) {
    if (getrandom(&epoch, sizeof(epoch), 0) != sizeof(epoch)) {
      return absl::UnavailableError("no random bits for the log's epoch");
    }
  }
  return epoch;
}

absl::StatusOr<uint64_t> MakeNextEpoch(uint64_t epoch) {
  ASSIGN_OR_RETURN(const uint64_t random, MakeEpoch());
  return (epoch & kLogBits) | (random & ~kLogBits);
}

bool AreOfOneLog(uint64_t epoch_a, uint64_t epoch_b) {
  return (epoch_a & kLogBits) == (epoch_b & kLogBits);
}

}  // namespace chatgate
