#ifndef CHATGATE_SERVER_SERVICE_SNAPSHOT_SLOTS_H_
#define CHATGATE_SERVER_SERVICE_SNAPSHOT_SLOTS_H_

#include <list>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/hub/hub.h"
#include "server/service/reader_pool.h"
#include "server/service/snapshot_reading.h"
#include "server/subscription/caller_places.h"

namespace chatgate {

// SnapshotSlots knows the snapshots that are taken or read: how many there may
// be, how many of one caller, and which of them nobody reads any more.
//
//   ASSIGN_OR_RETURN(auto reading, slots->Take(caller.name));
//   slots->taker().Submit([reading] { ... reading->SetFile(...); });
//
// Threads:  any. Lifetime: hub and clock outlive it and the readings.
class SnapshotSlots : public std::enable_shared_from_this<SnapshotSlots> {
 public:
  struct Options {
    int slots_max = 16;     // The next snapshot is refused.
    int of_caller_max = 4;  // Likewise.
    // A reader that takes nothing for so long loses its snapshot.
    absl::Duration stall_max = absl::Minutes(5);
  };

  static std::shared_ptr<SnapshotSlots> Create(const Options& options, Hub& hub,
                                               const Clock& clock);

  // RESOURCE_EXHAUSTED: there are too many, in all or of this caller.
  absl::StatusOr<std::shared_ptr<SnapshotReading>> Take(
      const std::string& caller) ABSL_LOCKS_EXCLUDED(mu_);

  // Ends the snapshots whose readers have stalled. Done by Take, and by itself
  // from time to time.
  void EndStalled() ABSL_LOCKS_EXCLUDED(mu_);

  // One thread: one snapshot is taken at a time.
  ReaderPool& taker() { return taker_; }

 private:
  SnapshotSlots(const Options& options, Hub& hub, const Clock& clock);
  // Looks for stalled readers as long as there is any snapshot.
  void LookLater() ABSL_LOCKS_EXCLUDED(mu_);

  const Options options_;
  Hub& hub_;
  const Clock& clock_;
  CallerPlaces places_;
  Mutex mu_;
  std::list<std::weak_ptr<SnapshotReading>> readings_ ABSL_GUARDED_BY(mu_);
  bool looking_ ABSL_GUARDED_BY(mu_) = false;
  ReaderPool taker_;  // Last: its tasks use the rest.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_SNAPSHOT_SLOTS_H_
