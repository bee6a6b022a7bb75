#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/store/data_dir.h"
#include "server/store/sync_dir.h"

namespace chatgate {
namespace {

constexpr size_t kSecretBytes = 32;
constexpr size_t kSecretFileMax = 4096;  // What a person may have put there.

class File {
 public:
  File(const std::string& path, int flags)
      : fd_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

absl::Status Failed(absl::string_view doing, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(doing, " ", path));
}

absl::StatusOr<std::string> ReadSecret(int fd, const std::string& path) {
  struct stat file;
  if (fstat(fd, &file) != 0) return Failed("reading", path);
  if ((file.st_mode & 077) != 0) {
    LogWarning("a secret's file can be read by others; chmod 600 it",
               {{"file", path}});
  }
  std::string text(kSecretFileMax + 1, '\0');
  const ssize_t size = read(fd, text.data(), text.size());
  if (size < 0) return Failed("reading", path);
  text.resize(size);
  if (text.size() > kSecretFileMax) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is over ", kSecretFileMax, " bytes"));
  }
  const std::string secret(absl::StripAsciiWhitespace(text));
  if (secret.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " holds no secret; delete it to get a new one"));
  }
  return secret;
}

absl::StatusOr<std::string> CreateSecret(const std::string& path) {
  std::string random(kSecretBytes, '\0');
  if (getrandom(random.data(), random.size(), 0) !=
      static_cast<ssize_t>(random.size())) {
    return Failed("asking for random bits for", path);
  }
  const std::string secret = absl::BytesToHexString(random);
  const std::string line = absl::StrCat(secret, "\n");
  const std::string draft = absl::StrCat(path, ".new");
  {
    const File file(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    if (file.fd() < 0) return Failed("making", draft);
    // A draft that a crash left may have another mode.
    if (fchmod(file.fd(), 0600) != 0 ||
        write(file.fd(), line.data(), line.size()) !=
            static_cast<ssize_t>(line.size()) ||
        fsync(file.fd()) != 0) {
      return Failed("writing", draft);
    }
  }
  if (rename(draft.c_str(), path.c_str()) != 0) return Failed("naming", path);
  RETURN_IF_ERROR(SyncDir(ParentDir(path)));
  return secret;
}

}  // namespace

absl::StatusOr<std::string> ReadOrCreateSecret(const std::string& path) {
  const File file(path, O_RDONLY);
  if (file.fd() >= 0) return ReadSecret(file.fd(), path);
  if (errno != ENOENT) return Failed("opening", path);
  return CreateSecret(path);
}

}  // namespace chatgate
