#include "server/config/read_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

constexpr off_t kFileBytesMax = off_t{4} << 20;

}  // namespace

absl::StatusOr<std::string> ReadConfigFile(const std::string& path) {
  const std::string complaint = absl::StrCat("cannot read ", path);
  struct stat info;
  std::ifstream file(path, std::ios::binary);
  if (!file || stat(path.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, complaint);
  }
  if (!S_ISREG(info.st_mode) || info.st_size > kFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(complaint, ": it is no file of at most 4 MiB"));
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string PathFrom(absl::string_view folder, const std::string& path) {
  if (!path.empty() && path.front() == '/') return path;
  return absl::StrCat(folder, "/", path);
}

}  // namespace chatgate
