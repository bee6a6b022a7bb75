#ifndef CHATGATE_SERVER_BUDGET_SLOT_COUNT_H_
#define CHATGATE_SERVER_BUDGET_SLOT_COUNT_H_

#include <cstdint>
#include <deque>

#include "absl/time/time.h"

namespace chatgate {

// Room that others leave to replies: so many that come together, and one more
// each `each`, wait no longer than `patience` for a slot.
struct ReplyRoom {
  int at_once = 0;
  absl::Duration each;
  absl::Duration patience;
};

// Slots that are taken: under way, without a known end, or ending at a known
// time. Threads: one at a time.
class SlotCount {
 public:
  void Take() { ++under_way_; }
  // One of those under way has an end now, or never was.
  void EndAt(absl::Time free_at);
  void GiveBack() { --under_way_; }
  // One more that ends at a known time.
  void Add(absl::Time free_at);
  void Expire(absl::Time now);

  int used() const { return under_way_ + static_cast<int>(free_at_.size()); }
  absl::Time next_free() const {
    return free_at_.empty() ? absl::InfiniteFuture() : free_at_.front();
  }

  // The earliest time at which the call behind `ahead` others could take a slot
  // of `limit`, at least 1. What has no known end counts for `hold` more.
  absl::Time EarliestStart(int64_t ahead, int limit, absl::Duration hold,
                           absl::Time now) const;

  // From when on, if nothing happens, one more slot of `limit` may be taken and
  // the room stays. What has no known end ends at `under_way_end`, more than
  // `hold` from now.
  absl::Time RoomFrom(int limit, const ReplyRoom& room, absl::Duration hold,
                      absl::Time under_way_end) const;

 private:
  int under_way_ = 0;
  std::deque<absl::Time> free_at_;  // Soonest first.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_SLOT_COUNT_H_
