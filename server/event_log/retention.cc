#include "server/event_log/retention.h"

#include <algorithm>

#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// What is measured, and by size deleted, together.
constexpr size_t kRunEvents = 1000;
constexpr uint64_t kRunBytes = uint64_t{1} << 20;

}  // namespace

absl::StatusOr<Retention::Deleted> Retention::Enforce() {
  Deleted deleted;
  if (options_.age_max < absl::InfiniteDuration()) {
    ASSIGN_OR_RETURN(const uint64_t position,
                     log_.PositionAt(clock_.Now() - options_.age_max));
    ASSIGN_OR_RETURN(deleted.by_age, TrimTo(position));
  }
  if (options_.bytes_max == 0) return deleted;
  RETURN_IF_ERROR(Measure());
  uint64_t left = bytes_;
  uint64_t last_seq = 0;
  for (const EventRun& run : runs_) {
    if (left <= options_.bytes_max) break;
    left -= run.bytes;
    last_seq = run.last_seq;
  }
  ASSIGN_OR_RETURN(deleted.by_bytes, TrimTo(last_seq));
  Forget();
  return deleted;
}

absl::StatusOr<uint64_t> Retention::TrimTo(uint64_t last_seq) {
  uint64_t deleted = 0;
  while (log_.Tail() <= last_seq && !stopping_) {
    const uint64_t tail = log_.Tail();
    RETURN_IF_ERROR(log_.Trim(last_seq, options_.trim_events));
    if (log_.Tail() <= tail) break;  // A reader had found the tail before us.
    deleted += log_.Tail() - tail;
  }
  return deleted;
}

absl::Status Retention::Measure() {
  Forget();
  const uint64_t head = log_.Head();
  while (measured_ < head && !stopping_) {
    EventRun run;
    RETURN_IF_ERROR(store_.Read([&](Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(
          run, MeasureRun(connection, measured_, head, kRunEvents, kRunBytes));
      return absl::OkStatus();
    }));
    measured_ = run.last_seq;
    bytes_ += run.bytes;
    // Few events came: they join the last run while it is small.
    if (!runs_.empty() && runs_.back().bytes + run.bytes <= kRunBytes) {
      runs_.back() = {run.last_seq, runs_.back().bytes + run.bytes};
    } else {
      runs_.push_back(run);
    }
  }
  return absl::OkStatus();
}

void Retention::Forget() {
  const uint64_t tail = log_.Tail();
  measured_ = std::max(measured_, tail - 1);
  while (!runs_.empty() && runs_.front().last_seq < tail) {
    bytes_ -= runs_.front().bytes;
    runs_.pop_front();
  }
}

}  // namespace chatgate
