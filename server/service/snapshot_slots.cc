#include "server/service/snapshot_slots.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// A position that no head comes to.
constexpr uint64_t kNever = UINT64_MAX;

}  // namespace

std::shared_ptr<SnapshotSlots> SnapshotSlots::Create(const Options& options,
                                                     Hub& hub,
                                                     const Clock& clock) {
  return std::shared_ptr<SnapshotSlots>(new SnapshotSlots(options, hub, clock));
}

SnapshotSlots::SnapshotSlots(const Options& options, Hub& hub,
                             const Clock& clock)
    : options_(options),
      hub_(hub),
      clock_(clock),
      places_("snapshots", {.places_max = options.slots_max,
                            .of_caller_max = options.of_caller_max}),
      // Each snapshot is taken once, and closed once where it has stalled.
      taker_(1, 2 * static_cast<size_t>(options.slots_max)) {}

absl::StatusOr<std::shared_ptr<SnapshotReading>> SnapshotSlots::Take(
    const std::string& caller) {
  EndStalled();
  ASSIGN_OR_RETURN(std::shared_ptr<void> place, places_.Take(caller));
  auto reading = std::make_shared<SnapshotReading>(std::move(place), clock_);
  {
    MutexLock lock(mu_);
    readings_.push_back(reading);
    if (looking_) return reading;
    looking_ = true;
  }
  LookLater();
  return reading;
}

void SnapshotSlots::EndStalled() {
  const absl::Time stalled = clock_.Now() - options_.stall_max;
  auto files = std::make_shared<std::vector<std::unique_ptr<SnapshotFile>>>();
  {
    MutexLock lock(mu_);
    for (auto each = readings_.begin(); each != readings_.end();) {
      const std::shared_ptr<SnapshotReading> reading = each->lock();
      if (reading == nullptr) {
        each = readings_.erase(each);
        continue;
      }
      std::unique_ptr<SnapshotFile> file = reading->EndIfStalledSince(stalled);
      if (file != nullptr) files->push_back(std::move(file));
      ++each;
    }
  }
  if (files->empty()) return;
  // Giving back hundreds of mebibytes takes a disk a moment, which the callers
  // of this do not have. Where even that line is full, they must.
  (void)taker_.Submit([files] { files->clear(); });
}

void SnapshotSlots::LookLater() {
  hub_.Wait(kNever, options_.stall_max,
            [weak = weak_from_this()](Hub::Wake wake) {
              const std::shared_ptr<SnapshotSlots> self = weak.lock();
              if (self == nullptr || wake == Hub::Wake::kClosed) return;
              self->EndStalled();
              {
                MutexLock lock(self->mu_);
                self->looking_ = !self->readings_.empty();
                if (!self->looking_) return;
              }
              self->LookLater();
            });
}

}  // namespace chatgate
