#include "server/budget/slot_scheduler.h"

#include <algorithm>

#include "google/protobuf/timestamp.pb.h"

namespace chatgate {
namespace {

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t micros = absl::ToUnixMicros(time);
  out->set_seconds(micros / 1'000'000);
  out->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

}  // namespace

SlotScheduler::SlotScheduler(const SchedulerOptions& options)
    : options_(options),
      window_(options.limit, options.reply_reserve),
      line_(options.weights) {}

absl::Time SlotScheduler::EarliestStart(v1::Priority priority,
                                        const std::string& caller,
                                        absl::Time now) const {
  const bool reply = priority == v1::REPLY;
  const int64_t ahead = line_.AheadOfNew(priority, caller);
  const int64_t replies = reply ? ahead : std::min(ahead, line_.replies());
  return window_.EarliestStart(reply, {replies, ahead - replies}, now);
}

SlotScheduler::Decisions SlotScheduler::Ask(CallId id, const BudgetAsk& ask,
                                            absl::Time now) {
  Decisions decisions = Decide(now);
  Call call{ask.priority, ask.caller, ask.deadline};
  if (call.priority == v1::EPHEMERAL) {
    call.deadline = std::min(call.deadline, now + kEphemeralWaitMax);
  }
  const absl::Time start = EarliestStart(call.priority, call.caller, now);
  if (start > call.deadline || call.deadline <= now) {
    decisions.refused.push_back({id, false, start - now});
    return decisions;
  }
  line_.Add(id, call.priority, call.caller);
  by_deadline_.emplace(call.deadline, id);
  calls_.emplace(id, std::move(call));
  Grant(&decisions);
  if (line_.size() > options_.waiting_max) {
    Refuse(*line_.Last(), /*line_full=*/true, now, &decisions);
  }
  return decisions;
}

SlotScheduler::Decisions SlotScheduler::Decide(absl::Time now) {
  Decisions decisions;
  window_.Expire(now);
  // First who comes too late: no slot is wasted on them.
  RefuseTooLate(now, &decisions);
  Grant(&decisions);
  return decisions;
}

void SlotScheduler::Grant(Decisions* decisions) {
  while (!line_.empty() && window_.MayTake(/*reply=*/true)) {
    const std::optional<CallId> next =
        line_.Next(/*replies_only=*/!window_.MayTake(/*reply=*/false));
    if (!next.has_value()) return;
    window_.Take(line_.IsReply(*next));
    line_.Serve(*next);
    Take(*next);
    decisions->granted.push_back(*next);
  }
}

void SlotScheduler::RefuseTooLate(absl::Time now, Decisions* decisions) {
  // Nobody starts before the first of their kind can.
  const absl::Time first = window_.EarliestStart(true, {}, now);
  while (!by_deadline_.empty()) {
    const auto [deadline, id] = *by_deadline_.begin();
    if (deadline > now && deadline >= first) return;
    Refuse(id, /*line_full=*/false, now, decisions);
  }
}

void SlotScheduler::Refuse(CallId id, bool line_full, absl::Time now,
                           Decisions* decisions) {
  line_.Remove(id);
  const Call call = Take(id);
  decisions->refused.push_back(
      {id, line_full, EarliestStart(call.priority, call.caller, now) - now});
}

SlotScheduler::Call SlotScheduler::Take(CallId id) {
  const auto found = calls_.find(id);
  Call call = std::move(found->second);
  by_deadline_.erase({call.deadline, id});
  calls_.erase(found);
  return call;
}

absl::Time SlotScheduler::next_look() const {
  if (line_.empty()) return absl::InfiniteFuture();
  return std::min(window_.next_change(), by_deadline_.begin()->first);
}

std::vector<SlotScheduler::CallId> SlotScheduler::Close() {
  std::vector<CallId> ids;
  for (const auto& [id, call] : calls_) ids.push_back(id);
  for (const CallId id : ids) {
    line_.Remove(id);
    Take(id);
  }
  return ids;
}

v1::Budget SlotScheduler::Snapshot(absl::Time now) {
  window_.Expire(now);
  v1::Budget budget;
  budget.set_limit(window_.limit());
  budget.set_limit_now(window_.limit_now());
  budget.set_reply_reserve(window_.reserve_now());
  budget.set_used(window_.used());
  budget.set_free(std::max(0, window_.limit_now() - window_.used()));
  if (window_.next_free() != absl::InfiniteFuture()) {
    SetTime(window_.next_free(), budget.mutable_next_free_time());
  }
  if (window_.closed_until() != absl::InfinitePast()) {
    SetTime(window_.closed_until(), budget.mutable_closed_until());
  }
  for (const WaitingLine::Count& count : line_.Counts()) {
    v1::BudgetQueue& queue = *budget.add_queues();
    queue.set_priority(count.priority);
    queue.set_caller(count.caller);
    queue.set_waiting(count.waiting);
  }
  for (int priority = v1::REPLY; priority <= v1::EPHEMERAL; ++priority) {
    v1::BudgetWait& wait = *budget.add_waits();
    wait.set_priority(static_cast<v1::Priority>(priority));
    // The empty name is nobody's: a caller that has nothing waiting.
    const absl::Duration until = EarliestStart(wait.priority(), "", now) - now;
    wait.set_wait_ms(
        absl::ToInt64Milliseconds(absl::Ceil(until, absl::Milliseconds(1))));
  }
  budget.set_too_many_requests(window_.too_many());
  return budget;
}

}  // namespace chatgate
