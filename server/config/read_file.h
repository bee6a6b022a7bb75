#ifndef CHATGATE_SERVER_CONFIG_READ_FILE_H_
#define CHATGATE_SERVER_CONFIG_READ_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// The content of a file of at most 4 MiB.
// NOT_FOUND, PERMISSION_DENIED, ...: it cannot be read; the message names it.
absl::StatusOr<std::string> ReadConfigFile(const std::string& path);

// `path` as seen from `folder`; an absolute one stays.
std::string PathFrom(absl::string_view folder, const std::string& path);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_CONFIG_READ_FILE_H_
