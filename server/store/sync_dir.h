#ifndef CHATGATE_SERVER_STORE_SYNC_DIR_H_
#define CHATGATE_SERVER_STORE_SYNC_DIR_H_

#include <string>

#include "absl/status/status.h"

namespace chatgate {

// Brings the names in a folder to stable storage: a new file is not safe
// before.
absl::Status SyncDir(const std::string& path);

// The folder that holds `path`.
std::string ParentDir(const std::string& path);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_SYNC_DIR_H_
