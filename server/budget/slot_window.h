#ifndef CHATGATE_SERVER_BUDGET_SLOT_WINDOW_H_
#define CHATGATE_SERVER_BUDGET_SLOT_WINDOW_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "server/budget/slot_count.h"

namespace chatgate {

// How long a slot counts after the answer: the platform's window, and a little
// because two machines' clocks do not run equally fast.
inline constexpr absl::Duration kSlotHold = absl::Milliseconds(60'010);

// A limit that was learned from a 429: it grows by one each kRecoverEvery.
struct LearnedLimit {
  int limit = 0;
  absl::Time since;
};

// SlotWindow counts the slots of a budget: those under way and those answered
// less than 60 seconds ago. Calls that are no replies leave the reserve free.
// After a 429 it is closed for a while, and allows less.
//
// Pace: once half is used, others take at most one slot in each slot time
//       (60 seconds / limit), and only where replies keep room: as many as the
//       reserve together, and half of what others may have in each 60 seconds
//       after, find a slot within one slot time. So slots never end all
//       together, nor is there a time in which none ends.
//
//   window.Expire(now);
//   if (window.MayTake(reply)) window.Take(reply);
//   ...
//   window.Answered(now);
//
// Time:    passed in, never going back.
// Threads: one at a time.
class SlotWindow {
 public:
  static constexpr absl::Duration kRecoverEvery = absl::Minutes(1);
  static constexpr absl::Duration kClosedMax = absl::Hours(1);
  static constexpr int kBurstMin = 10;  // Others that may go without a pace.

  // `reply_reserve` is less than `limit`.
  SlotWindow(int limit, int reply_reserve)
      : limit_(limit), reply_reserve_(reply_reserve) {}

  // What another process left.
  void Restore(absl::Time free_at) { slots_.Add(free_at); }
  void RestoreLearned(const LearnedLimit& learned) { learned_ = learned; }
  void RestoreClosed(absl::Time until) { closed_until_ = until; }

  // Brings everything below to `now`.
  void Expire(absl::Time now);
  bool MayTake(bool reply) const;
  void Take(bool reply);

  // How a slot ended; the first three return until when it counts. What was
  // lost may reach the platform until `straggler_max` from now.
  absl::Time Answered(absl::Time now);
  absl::Time Lost(absl::Time now, absl::Duration straggler_max);
  absl::Time TooMany(absl::Time now, std::optional<absl::Duration> retry_after);
  void NotSent() { slots_.GiveBack(); }

  // The earliest time, as far as is known, at which a call may take a slot that
  // these go before. An answer that is still to come is taken to come now.
  struct Ahead {
    int64_t replies = 0;
    int64_t others = 0;
  };
  absl::Time EarliestStart(bool reply, Ahead ahead, absl::Time now) const;

  int limit() const { return limit_; }
  int limit_now() const { return limit_now_; }
  int reserve_now() const;
  int used() const { return slots_.used(); }
  // InfiniteFuture where nothing is known to end.
  absl::Time next_free() const { return slots_.next_free(); }
  // When Expire finds something new: a slot ends, the window opens, the limit
  // grows, the pace allows another.
  absl::Time next_change() const;
  absl::Time closed_until() const { return closed_until_; }
  const std::optional<LearnedLimit>& learned() const { return learned_; }
  int64_t too_many() const { return too_many_; }

 private:
  int LimitAt(absl::Time now) const;
  int others_limit() const { return limit_now_ - reserve_now(); }
  // The slots that others take without a pace.
  int burst() const;
  // When the pace allows others the next slot, if nothing happens before.
  // `under_way_end`: when slots without a known end are taken to end.
  absl::Time NextPaced(absl::Time under_way_end) const;
  // Nobody knows when those end: something must happen before.
  absl::Time next_paced() const { return NextPaced(absl::InfiniteFuture()); }
  absl::Duration slot_time() const;

  const int limit_;
  const int reply_reserve_;
  int limit_now_ = limit_;
  SlotCount slots_;
  absl::Time now_ = absl::InfinitePast();
  absl::Time other_taken_ = absl::InfinitePast();  // When the last one was.
  absl::Time closed_until_ = absl::InfinitePast();
  std::optional<LearnedLimit> learned_;
  int64_t too_many_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_SLOT_WINDOW_H_
