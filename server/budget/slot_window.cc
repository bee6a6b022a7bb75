#include "server/budget/slot_window.h"

#include <algorithm>

namespace chatgate {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(60);

// After a 429 three quarters are left.
constexpr int Less(int limit) { return std::max(1, limit * 3 / 4); }

}  // namespace

void SlotWindow::Expire(absl::Time now) {
  now_ = std::max(now_, now);
  slots_.Expire(now_);
  if (closed_until_ <= now_) closed_until_ = absl::InfinitePast();
  limit_now_ = LimitAt(now_);
  if (limit_now_ == limit_) learned_.reset();
}

int SlotWindow::LimitAt(absl::Time now) const {
  if (!learned_.has_value()) return limit_;
  const int64_t grown =
      std::max<int64_t>(0, (now - learned_->since) / kRecoverEvery);
  return static_cast<int>(std::min<int64_t>(limit_, learned_->limit + grown));
}

int SlotWindow::reserve_now() const {
  return std::min(reply_reserve_, limit_now_ - 1);
}

bool SlotWindow::MayTake(bool reply) const {
  if (closed_until_ != absl::InfinitePast()) return false;
  if (reply) return slots_.used() < limit_now_;
  return slots_.used() < others_limit() && next_paced() <= now_;
}

int SlotWindow::burst() const {
  return std::max((others_limit() + 1) / 2,
                  std::min(others_limit(), kBurstMin));
}

absl::Duration SlotWindow::slot_time() const { return kWindow / limit_now_; }

absl::Time SlotWindow::NextPaced(absl::Time under_way_end) const {
  if (slots_.used() < burst()) return absl::InfinitePast();
  const ReplyRoom room = {.at_once = reserve_now(),
                          .each = 2 * kWindow / others_limit(),
                          .patience = slot_time()};
  return std::max(other_taken_ + slot_time(),
                  slots_.RoomFrom(limit_now_, room, kSlotHold, under_way_end));
}

void SlotWindow::Take(bool reply) {
  slots_.Take();
  if (!reply) other_taken_ = now_;
}

absl::Time SlotWindow::Answered(absl::Time now) {
  now_ = std::max(now_, now);
  const absl::Time free_at = now_ + kSlotHold;
  slots_.EndAt(free_at);
  return free_at;
}

absl::Time SlotWindow::Lost(absl::Time now, absl::Duration straggler_max) {
  now_ = std::max(now_, now);
  const absl::Time free_at = now_ + straggler_max + kSlotHold;
  slots_.EndAt(free_at);
  return free_at;
}

absl::Time SlotWindow::TooMany(absl::Time now,
                               std::optional<absl::Duration> retry_after) {
  ++too_many_;
  const absl::Time free_at = Answered(now);
  Expire(now);
  // Of those that were under way together only the first one teaches.
  if (closed_until_ == absl::InfinitePast()) {
    learned_ = {Less(limit_now_), now_};
    limit_now_ = learned_->limit;
  }
  const absl::Time until =
      retry_after.has_value()
          ? now_ + std::clamp(*retry_after, absl::ZeroDuration(), kClosedMax)
          : slots_.next_free();
  closed_until_ = std::max(closed_until_, until);
  return free_at;
}

absl::Time SlotWindow::EarliestStart(bool reply, Ahead ahead,
                                     absl::Time now) const {
  const int limit = reply ? limit_now_ : others_limit();
  const absl::Time start = std::max(
      slots_.EarliestStart(ahead.replies + ahead.others, limit, kSlotHold, now),
      closed_until_);
  if (reply) return start;
  // Replies have no pace, and there is none once enough slots have ended.
  const absl::Time paced =
      NextPaced(now + kSlotHold) + ahead.others * slot_time();
  const absl::Time unpaced = slots_.EarliestStart(0, burst(), kSlotHold, now);
  return std::max(start, std::min(paced, unpaced));
}

absl::Time SlotWindow::next_change() const {
  if (closed_until_ != absl::InfinitePast()) return closed_until_;
  absl::Time next = slots_.next_free();
  if (slots_.used() < others_limit() && next_paced() > now_) {
    next = std::min(next, next_paced());
  }
  if (learned_.has_value()) {
    next = std::min(
        next, learned_->since +
                  (int64_t{limit_now_} - learned_->limit + 1) * kRecoverEvery);
  }
  return next;
}

}  // namespace chatgate
