#include "tests/support/temp_dir.h"

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/strings/string_view.h"

namespace chatgate {

TempDir::TempDir() {
  path_ = (std::filesystem::temp_directory_path() / "chatgate-XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr) {
    std::cerr << "mkdtemp failed for " << path_ << std::endl;
    std::abort();
  }
}

TempDir::~TempDir() {
  std::error_code
      ignored;  // A test has ended; what is left is the system's to clean.
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::File(absl::string_view name) const {
  return path_ + "/" + std::string(name);
}

std::string TempDir::Write(absl::string_view name,
                           absl::string_view content) const {
  std::ofstream(File(name), std::ios::binary) << content;
  return File(name);
}

}  // namespace chatgate
