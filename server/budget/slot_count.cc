#include "server/budget/slot_count.h"

#include <algorithm>

namespace chatgate {

void SlotCount::EndAt(absl::Time free_at) {
  --under_way_;
  Add(free_at);
}

void SlotCount::Add(absl::Time free_at) {
  // Nearly always the last: ends come in the order of the answers.
  free_at_.insert(std::upper_bound(free_at_.begin(), free_at_.end(), free_at),
                  free_at);
}

void SlotCount::Expire(absl::Time now) {
  while (!free_at_.empty() && free_at_.front() <= now) free_at_.pop_front();
}

absl::Time SlotCount::EarliestStart(int64_t ahead, int limit,
                                    absl::Duration hold, absl::Time now) const {
  // Who stands a whole limit further back takes the slot of who stands there,
  // at best one hold later.
  const int64_t rounds = ahead / limit;
  const absl::Duration later = hold * rounds;
  // How many must end first.
  const int64_t ends = used() + ahead % limit - limit + 1;
  if (ends <= 0) return now + later;
  if (ends <= static_cast<int64_t>(free_at_.size())) {
    return free_at_[static_cast<size_t>(ends - 1)] + later;
  }
  return now + hold + later;
}

}  // namespace chatgate
