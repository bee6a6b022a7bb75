#include "server/service/snapshot_reading.h"

#include <utility>

#include "server/base/status_macros.h"
#include "server/service/errors.h"

namespace chatgate {
namespace {

absl::Status TooSlow() {
  return ServiceError(Reason::kOverloaded,
                      "the snapshot was read too slowly; it begins anew");
}

}  // namespace

void SnapshotReading::SetFile(std::unique_ptr<SnapshotFile> file) {
  MutexLock lock(mu_);
  if (!ended_) file_ = std::move(file);
}

bool SnapshotReading::has_file() const {
  MutexLock lock(mu_);
  return file_ != nullptr;
}

bool SnapshotReading::ended() const {
  MutexLock lock(mu_);
  return ended_;
}

absl::StatusOr<SnapshotReading::Piece> SnapshotReading::Next() {
  // Read without the lock. It is not the reader's turn, so nobody ends it.
  std::unique_ptr<SnapshotFile> file;
  {
    MutexLock lock(mu_);
    if (ended_) return TooSlow();
    file = std::move(file_);
  }
  if (file == nullptr) return absl::InternalError("no snapshot was taken");
  Piece piece;
  ASSIGN_OR_RETURN(piece.bytes, file->Next());
  piece.total = file->total();
  piece.done = file->AtEnd();
  SetFile(std::move(file));
  return piece;
}

void SnapshotReading::BeginWrite() {
  MutexLock lock(mu_);
  writing_since_ = clock_.Now();
}

absl::Status SnapshotReading::EndWrite() {
  MutexLock lock(mu_);
  writing_since_.reset();
  if (!ended_) return absl::OkStatus();
  return TooSlow();
}

std::unique_ptr<SnapshotFile> SnapshotReading::EndIfStalledSince(
    absl::Time time) {
  MutexLock lock(mu_);
  if (!writing_since_.has_value() || *writing_since_ > time) return nullptr;
  ended_ = true;
  place_ = nullptr;
  return std::move(file_);
}

}  // namespace chatgate
