#include "server/config/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

constexpr off_t kFileBytesMax = off_t{4} << 20;

}  // namespace

absl::StatusOr<std::string> ReadConfigFile(const std::string& path) {
  const std::string complaint = absl::StrCat("cannot read ", path);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return absl::ErrnoToStatus(errno, complaint);
  const absl::Cleanup close_it = [fd] { close(fd); };
  struct stat info;
  if (fstat(fd, &info) != 0) return absl::ErrnoToStatus(errno, complaint);
  if (!S_ISREG(info.st_mode) || info.st_size > kFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(complaint, ": it is no file of at most 4 MiB"));
  }
  // It may be a secret: read into one place, without buffers in between.
  std::string text(static_cast<size_t>(info.st_size), '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t more = read(fd, &text[size], text.size() - size);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return absl::ErrnoToStatus(errno, complaint);
    if (more == 0) break;
    size += static_cast<size_t>(more);
  }
  text.resize(size);
  return text;
}

std::string PathFrom(absl::string_view folder, const std::string& path) {
  if (!path.empty() && path.front() == '/') return path;
  return absl::StrCat(folder, "/", path);
}

}  // namespace chatgate
