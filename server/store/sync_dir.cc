#include "server/store/sync_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"

namespace chatgate {

absl::Status SyncDir(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("opening folder ", path));
  }
  const int result = fsync(fd);
  const int error = errno;
  close(fd);
  if (result != 0) {
    return absl::ErrnoToStatus(error, absl::StrCat("syncing folder ", path));
  }
  return absl::OkStatus();
}

std::string ParentDir(const std::string& path) {
  std::filesystem::path child(path);
  if (!child.has_filename()) child = child.parent_path();  // "data/"
  const std::string parent = child.parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace chatgate
