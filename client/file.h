#ifndef CHATGATE_CLIENT_FILE_H_
#define CHATGATE_CLIENT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// Whole content of a file. NOT_FOUND, PERMISSION_DENIED, ... name the file.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Replaces a file's content: after a crash at any moment the file has the old
// content or the new one, and after the return the new one. Errors as ReadFile.
absl::Status ReplaceFile(const std::string& path, absl::string_view content);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_FILE_H_
