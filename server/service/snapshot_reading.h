#ifndef CHATGATE_SERVER_SERVICE_SNAPSHOT_READING_H_
#define CHATGATE_SERVER_SERVICE_SNAPSHOT_READING_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/backend/snapshot_file.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"

namespace chatgate {

// SnapshotReading is one snapshot on its way to its reader, from when it is
// asked for to its last piece. It has one of a few places, and then a file. A
// reader that takes nothing for too long loses both, and is told so when it
// takes again.
//
//   reading->SetFile(*std::move(file));        // On any thread.
//   ASSIGN_OR_RETURN(const SnapshotReading::Piece piece, reading->Next());
//   reading->BeginWrite();
//   ...                                       // The piece is written.
//   RETURN_IF_ERROR(reading->EndWrite());
//
// Threads:  one stream calls, one call at a time; SetFile and End: any.
// Lifetime: the clock outlives it.
class SnapshotReading {
 public:
  SnapshotReading(std::shared_ptr<void> place, const Clock& clock)
      : clock_(clock), place_(std::move(place)) {}

  // Drops it where the snapshot was ended meanwhile.
  void SetFile(std::unique_ptr<SnapshotFile> file) ABSL_LOCKS_EXCLUDED(mu_);
  bool has_file() const ABSL_LOCKS_EXCLUDED(mu_);
  // It was taken from its reader.
  bool ended() const ABSL_LOCKS_EXCLUDED(mu_);

  struct Piece {
    std::string bytes;  // See SnapshotFile::Next.
    int64_t total = 0;  // Conversations of the whole snapshot.
    bool done = false;  // It was the last one.
  };
  // Blocks for the disk. RESOURCE_EXHAUSTED: see EndWrite.
  absl::StatusOr<Piece> Next() ABSL_LOCKS_EXCLUDED(mu_);

  // From now on it is the reader's turn.
  void BeginWrite() ABSL_LOCKS_EXCLUDED(mu_);
  // The reader has taken what was written. RESOURCE_EXHAUSTED, with RetryInfo:
  // too late, the snapshot is gone.
  absl::Status EndWrite() ABSL_LOCKS_EXCLUDED(mu_);

  // Ends it where the reader has taken nothing since `time`, or longer. What it
  // returns is the caller's to destroy, which may block for the disk; null
  // where there was no file.
  std::unique_ptr<SnapshotFile> EndIfStalledSince(absl::Time time)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const Clock& clock_;
  mutable Mutex mu_;
  std::shared_ptr<void> place_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<SnapshotFile> file_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Time> writing_since_ ABSL_GUARDED_BY(mu_);
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_SNAPSHOT_READING_H_
