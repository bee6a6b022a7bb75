#ifndef CHATGATE_SERVER_STORE_DATA_DIR_H_
#define CHATGATE_SERVER_STORE_DATA_DIR_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// DataDir is the folder of one gateway's files, owned by one process at a time.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<DataDir> dir, DataDir::Lock("data"));
//   options.path = dir->File("chatgate.db");
//
// Lifetime: the lock is held until the object goes, or the process ends.
class DataDir {
 public:
  // Makes the folder where it is missing (mode 0700), closes it to others where
  // it is open to them, and takes its lock. FAILED_PRECONDITION: another
  // process holds it, which the message names by its pid; or it stays open (see
  // private_dir.h).
  static absl::StatusOr<std::unique_ptr<DataDir>> Lock(const std::string& path);

  ~DataDir();
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(absl::string_view name) const;

 private:
  DataDir(std::string path, int lock_fd);

  const std::string path_;
  const int lock_fd_;
};

// The secret in the file `path`, which is made with mode 0600 and 256 random
// bits as hexadecimal text where there is none. A crash leaves all of it or
// nothing. Surrounding white space is not part of the secret.
// FAILED_PRECONDITION: the file is empty.
absl::StatusOr<std::string> ReadOrCreateSecret(const std::string& path);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_DATA_DIR_H_
