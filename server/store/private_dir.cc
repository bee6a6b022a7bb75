#include "server/store/private_dir.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "server/base/log.h"

namespace chatgate {
namespace {

constexpr mode_t kPrivate = 0700;
constexpr mode_t kOfOthers = S_IRWXG | S_IRWXO;

absl::Status StaysOpen(const std::string& path, mode_t mode,
                       absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrFormat(
      "data directory %s is open to others (mode %04o) and %s; make it one of "
      "the gateway's user with mode 0700, or name a folder below it, which the "
      "gateway makes itself",
      path, mode & 07777, std::string(why)));
}

// True where there is nothing of others' in it.
bool MayBeOurs(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path + "/LOCK", error) ||
      std::filesystem::exists(path + "/chatgate.db", error)) {
    return true;
  }
  std::filesystem::directory_iterator entry(path, error);
  if (error) return false;
  // A new file system has a folder of its own.
  return std::all_of(begin(entry), end(entry), [](const auto& each) {
    return each.path().filename() == "lost+found";
  });
}

}  // namespace

absl::Status MakePrivate(const std::string& path, uid_t user) {
  struct stat folder = {};
  if (stat(path.c_str(), &folder) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("looking at ", path));
  }
  const mode_t mode = folder.st_mode;
  if ((mode & kOfOthers) == 0) return absl::OkStatus();
  if (folder.st_uid != user) {
    return StaysOpen(
        path, mode,
        absl::StrCat("belongs to user ", folder.st_uid, ", not to ", user));
  }
  if (!MayBeOurs(path)) {
    return StaysOpen(path, mode, "holds what is no gateway's");
  }
  if (chmod(path.c_str(), kPrivate) != 0) {
    return StaysOpen(path, mode,
                     absl::StrCat("cannot be changed: ", strerror(errno)));
  }
  // Some file systems have no modes and say nothing.
  if (stat(path.c_str(), &folder) != 0 || (folder.st_mode & kOfOthers) != 0) {
    return StaysOpen(path, mode, "its file system keeps it so");
  }
  LogWarning("the data directory was open to others, and is private now",
             {{"path", path}, {"mode", absl::StrFormat("%04o", mode & 07777)}});
  return absl::OkStatus();
}

}  // namespace chatgate
