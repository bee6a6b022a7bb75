#ifndef CHATGATE_SERVER_BACKEND_SNAPSHOT_FILE_H_
#define CHATGATE_SERVER_BACKEND_SNAPSHOT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chatgate/v1/resources.pb.h"

namespace chatgate {

struct SnapshotLimits {
  uint64_t bytes_max = uint64_t{256} << 20;  // Of the file.
  size_t piece_bytes_max = size_t{1} << 20;  // Of a piece, or one conversation.
  // What is left of the disk for others: the database is beside the file.
  uint64_t disk_free_min = uint64_t{128} << 20;
};

// SnapshotFile holds conversations as of one position of the event log, in a
// file without a name, which goes when this does, or the process. First it is
// filled, then read in pieces.
//
//   ASSIGN_OR_RETURN(auto file, SnapshotFile::Create(folder, seq, {}));
//   RETURN_IF_ERROR(file->Add(conversation));
//   RETURN_IF_ERROR(file->EndFilling());
//   while (!file->AtEnd()) { ASSIGN_OR_RETURN(piece, file->Next()); ... }
//
// Memory:  a few bytes for each piece, and one piece while it is filled.
// Threads: one at a time.
class SnapshotFile {
 public:
  // `folder` must exist. `seq`: events up to it are in the snapshot.
  static absl::StatusOr<std::unique_ptr<SnapshotFile>> Create(
      const std::string& folder, uint64_t seq, const SnapshotLimits& limits);
  ~SnapshotFile();
  SnapshotFile(const SnapshotFile&) = delete;
  SnapshotFile& operator=(const SnapshotFile&) = delete;

  // FAILED_PRECONDITION: the file would be too large. UNAVAILABLE: it cannot be
  // written, for instance because the disk is almost full.
  absl::Status Add(const v1::Conversation& conversation);
  absl::Status EndFilling();

  uint64_t seq() const { return seq_; }
  int64_t total() const { return total_; }  // Conversations.

  // Elements of `repeated Conversation conversations = 1`, serialised.
  absl::StatusOr<std::string> Next();
  bool AtEnd() const { return next_ == piece_bytes_.size(); }

 private:
  SnapshotFile(int fd, uint64_t seq, const SnapshotLimits& limits)
      : fd_(fd), seq_(seq), limits_(limits) {}

  absl::Status WritePiece();

  const int fd_;
  const uint64_t seq_;
  const SnapshotLimits limits_;
  int64_t total_ = 0;
  std::string filling_;  // The piece that is not written yet.
  std::vector<size_t> piece_bytes_;
  uint64_t written_ = 0;
  size_t next_ = 0;    // Index of the next piece to read,
  uint64_t read_ = 0;  // and where it begins.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BACKEND_SNAPSHOT_FILE_H_
