#include "client/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

absl::Status Errno(absl::string_view what, absl::string_view path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot ", what, " ", path));
}

// An open file, closed at the end of the scope.
class Fd {
 public:
  Fd(const std::string& path, int flags)
      : fd_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  bool ok() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  const int fd_;
};

absl::Status WriteAndSync(const std::string& path, absl::string_view content) {
  const Fd file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.ok()) return Errno("write", path);
  while (!content.empty()) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Errno("write", path);
    content.remove_prefix(written);
  }
  if (fsync(file.get()) != 0) return Errno("sync", path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const Fd file(path, O_RDONLY);
  if (!file.ok()) return Errno("read", path);
  std::string content;
  char block[16 << 10];
  while (true) {
    const ssize_t got = read(file.get(), block, sizeof(block));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Errno("read", path);
    if (got == 0) return content;
    content.append(block, got);
  }
}

absl::Status ReplaceFile(const std::string& path, absl::string_view content) {
  const std::string fresh = absl::StrCat(path, ".new");
  RETURN_IF_ERROR(WriteAndSync(fresh, content));
  if (rename(fresh.c_str(), path.c_str()) != 0) return Errno("replace", path);
  // The new name lasts only once its folder is on disk.
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path.substr(0, slash);
  const Fd directory(folder, O_RDONLY | O_DIRECTORY);
  if (!directory.ok() || fsync(directory.get()) != 0) {
    return Errno("sync", folder);
  }
  return absl::OkStatus();
}

}  // namespace chatgate
