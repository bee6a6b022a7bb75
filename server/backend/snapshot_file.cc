#include "server/backend/snapshot_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

absl::Status Failure(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat("a snapshot's file cannot be ",
                                             what, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SnapshotFile>> SnapshotFile::Create(
    const std::string& folder, uint64_t seq, const SnapshotLimits& limits) {
  std::string path = absl::StrCat(folder, "/snapshot-XXXXXX");
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return Failure("made");
  // From now on it goes with its last descriptor.
  unlink(path.c_str());
  return std::unique_ptr<SnapshotFile>(new SnapshotFile(fd, seq, limits));
}

SnapshotFile::~SnapshotFile() { close(fd_); }

absl::Status SnapshotFile::Add(const v1::Conversation& conversation) {
  v1::Snapshot one;
  *one.add_conversations() = conversation;
  const std::string element = one.SerializeAsString();
  if (!filling_.empty() &&
      filling_.size() + element.size() > limits_.piece_bytes_max) {
    RETURN_IF_ERROR(WritePiece());
  }
  if (written_ + filling_.size() + element.size() > limits_.bytes_max) {
    // No retry can mend this, so it must not look like one that can.
    return absl::FailedPreconditionError(absl::StrCat(
        "the open conversations are over ", limits_.bytes_max,
        " bytes; ask for fewer with a filter, or list them in pages"));
  }
  filling_ += element;
  ++total_;
  return absl::OkStatus();
}

absl::Status SnapshotFile::EndFilling() {
  if (!filling_.empty()) RETURN_IF_ERROR(WritePiece());
  filling_.shrink_to_fit();
  return absl::OkStatus();
}

absl::Status SnapshotFile::WritePiece() {
  struct statvfs disk = {};
  if (fstatvfs(fd_, &disk) != 0) return Failure("written");
  const uint64_t free_bytes = uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free_bytes < limits_.disk_free_min + filling_.size()) {
    return absl::UnavailableError(
        absl::StrCat("a snapshot's file would leave less than ",
                     limits_.disk_free_min, " bytes of the disk"));
  }
  size_t done = 0;
  while (done < filling_.size()) {
    const ssize_t bytes =
        write(fd_, filling_.data() + done, filling_.size() - done);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return Failure("written");
    done += static_cast<size_t>(bytes);
  }
  piece_bytes_.push_back(filling_.size());
  written_ += filling_.size();
  filling_.clear();
  return absl::OkStatus();
}

absl::StatusOr<std::string> SnapshotFile::Next() {
  if (AtEnd()) return std::string();
  std::string piece(piece_bytes_[next_], '\0');
  size_t done = 0;
  while (done < piece.size()) {
    const ssize_t bytes = pread(fd_, piece.data() + done, piece.size() - done,
                                static_cast<off_t>(read_ + done));
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return Failure("read");
    if (bytes == 0) return absl::UnavailableError("a snapshot's file is cut");
    done += static_cast<size_t>(bytes);
  }
  read_ += piece.size();
  ++next_;
  return piece;
}

}  // namespace chatgate
