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

absl::Time SlotCount::RoomFrom(int limit, const ReplyRoom& room,
                               absl::Duration hold,
                               absl::Time under_way_end) const {
  // Beyond those for replies at once, before the next slot ends.
  int left = limit - used() - 1 - room.at_once;
  // How long replies find slots, or wait no longer than they may.
  const auto covered = [&] {
    return room.patience + room.each * std::max(0, left + 1);
  };
  absl::Time from = absl::InfinitePast();
  for (const absl::Time free_at : free_at_) {
    // Whatever has a slot now, or gets one, ends and makes room by then.
    if (covered() >= hold) return from;
    from = std::max(from, free_at - covered());
    ++left;
  }
  if (under_way_ == 0 || covered() >= hold) return from;
  return std::max(from, under_way_end - covered());
}

}  // namespace chatgate
