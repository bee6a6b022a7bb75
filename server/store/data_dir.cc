#include "server/store/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/store/private_dir.h"
#include "server/store/sync_dir.h"

namespace chatgate {
namespace {

// Makes `path` and what is missing above it.
absl::Status MakeDir(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) return SyncDir(ParentDir(path));
  if (errno == EEXIST) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is there, but is no folder"));
  }
  const std::string parent = ParentDir(path);
  if (errno != ENOENT || parent == path || parent == ".") {
    return absl::ErrnoToStatus(errno, absl::StrCat("making folder ", path));
  }
  RETURN_IF_ERROR(MakeDir(parent));
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("making folder ", path));
  }
  return SyncDir(parent);
}

std::string HolderOf(int fd) {
  char pid[32];
  const ssize_t size = pread(fd, pid, sizeof(pid), 0);
  std::string holder(pid, std::max<ssize_t>(size, 0));
  holder.erase(holder.find_last_not_of(" \n") + 1);
  return holder.empty() ? "unknown" : holder;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDir>> DataDir::Lock(
    const std::string& path) {
  RETURN_IF_ERROR(MakeDir(path));
  RETURN_IF_ERROR(MakePrivate(path, geteuid()));
  const std::string file = absl::StrCat(path, "/LOCK");
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("opening ", file));
  // From here on the object closes the file.
  std::unique_ptr<DataDir> dir(new DataDir(path, fd));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return absl::ErrnoToStatus(errno, absl::StrCat("locking ", file));
    }
    return absl::FailedPreconditionError(
        absl::StrCat("data directory ", path, " is in use by the process ",
                     HolderOf(fd), "; stop it or choose another directory"));
  }
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) !=
                                   static_cast<ssize_t>(pid.size())) {
    return absl::ErrnoToStatus(errno, absl::StrCat("writing ", file));
  }
  return dir;
}

DataDir::DataDir(std::string path, int lock_fd)
    : path_(std::move(path)), lock_fd_(lock_fd) {}

DataDir::~DataDir() { close(lock_fd_); }

std::string DataDir::File(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

}  // namespace chatgate
