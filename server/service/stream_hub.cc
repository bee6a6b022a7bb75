#include "server/service/stream_hub.h"

#include <algorithm>
#include <vector>

#include "server/base/steady_nanos.h"

namespace chatgate {
namespace {

// Timeouts are of hours at most; more is for ever.
constexpr absl::Duration kTimeoutMax = absl::Hours(24 * 365);

}  // namespace

void StreamHub::Sleep(Sleeper& sleeper, uint64_t position,
                      absl::Duration timeout) {
  sleeper.position_ = position;
  sleeper.deadline_ =
      SteadyNanos() + absl::ToInt64Nanoseconds(std::min(timeout, kTimeoutMax));
  sleeper.sleeps_ = true;
  by_position_.emplace(position, &sleeper);
  if (!sleeper.listed_.has_value() || *sleeper.listed_ > sleeper.deadline_) {
    if (sleeper.listed_.has_value()) {
      by_deadline_.erase({*sleeper.listed_, &sleeper});
    }
    sleeper.listed_ = sleeper.deadline_;
    by_deadline_.emplace(sleeper.deadline_, &sleeper);
  }
  if (!waking_) Arm();
}

void StreamHub::Forget(Sleeper& sleeper) {
  if (sleeper.sleeps_) by_position_.erase({sleeper.position_, &sleeper});
  sleeper.sleeps_ = false;
  if (sleeper.listed_.has_value()) {
    by_deadline_.erase({*sleeper.listed_, &sleeper});
    sleeper.listed_.reset();
  }
  // The queue is kept for those who sleep alone.
  if (by_position_.empty() && !waking_) Disarm();
}

void StreamHub::Arm() {
  if (by_position_.empty()) return Disarm();
  const uint64_t position = by_position_.begin()->first;
  // May be too early for all that sleep; then it looks again.
  const int64_t deadline = by_deadline_.begin()->first;
  if (armed_.has_value()) {
    if (armed_->position <= position && armed_->deadline <= deadline) return;
    Disarm();
    // It was called already, and has posted: that wakes who is due.
    if (armed_.has_value()) return;
  }
  queue_.BeginCall();
  const Hub::Ticket ticket = hub_.Wait(
      position,
      absl::Nanoseconds(std::max<int64_t>(deadline - SteadyNanos(), 0)),
      [this](Hub::Wake wake) { queue_.Run([this, wake] { OnHub(wake); }); });
  armed_ = {ticket, position, deadline};
}

void StreamHub::Disarm() {
  if (!armed_.has_value() || !hub_.Cancel(armed_->ticket)) return;
  armed_.reset();
  queue_.EndCall();
}

void StreamHub::OnHub(Hub::Wake wake) {
  armed_.reset();
  waking_ = true;
  if (wake == Hub::Wake::kClosed) {
    WakeAll(wake);
  } else {
    WakeDue();
  }
  waking_ = false;
  Arm();
  queue_.EndCall();
}

void StreamHub::WakeAll(Hub::Wake wake) {
  std::vector<Sleeper*> sleepers;
  for (const auto& [position, sleeper] : by_position_) {
    sleepers.push_back(sleeper);
  }
  for (Sleeper* sleeper : sleepers) WakeOne(*sleeper, wake);
}

void StreamHub::WakeDue() {
  const uint64_t head = hub_.Head();
  std::vector<Sleeper*> due;
  for (const auto& [position, sleeper] : by_position_) {
    if (position >= head) break;
    due.push_back(sleeper);
  }
  for (Sleeper* sleeper : due) WakeOne(*sleeper, Hub::Wake::kHead);
  // Each is looked at once: who sleeps again does it for longer than no time.
  const int64_t now = SteadyNanos();
  due.clear();
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now) {
    Sleeper* const sleeper = by_deadline_.begin()->second;
    by_deadline_.erase(by_deadline_.begin());
    sleeper->listed_.reset();
    if (!sleeper->sleeps_) continue;
    if (sleeper->deadline_ > now) {
      sleeper->listed_ = sleeper->deadline_;
      by_deadline_.emplace(sleeper->deadline_, sleeper);
    } else {
      due.push_back(sleeper);
    }
  }
  for (Sleeper* sleeper : due) WakeOne(*sleeper, Hub::Wake::kTimeout);
}

void StreamHub::WakeOne(Sleeper& sleeper, Hub::Wake wake) {
  // One may have ended while others were woken: its Forget said so.
  if (!sleeper.sleeps_) return;
  by_position_.erase({sleeper.position_, &sleeper});
  sleeper.sleeps_ = false;
  sleeper.OnWake(wake);
}

}  // namespace chatgate
