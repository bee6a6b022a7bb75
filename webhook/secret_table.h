#ifndef CHATGATE_WEBHOOK_SECRET_TABLE_H_
#define CHATGATE_WEBHOOK_SECRET_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace chatgate {

// Which app a secret belongs to. Keeps digests alone. Looking one up takes the
// same time whether and where it is found, so that nobody learns a secret by
// measuring. Immutable.
class SecretTable {
 public:
  // (secret, app id); an empty secret belongs to nobody.
  explicit SecretTable(
      const std::vector<std::pair<std::string, uint64_t>>& secrets);

  // The app whose secret this is.
  std::optional<uint64_t> AppOf(absl::string_view presented) const;

 private:
  struct Entry {
    std::array<unsigned char, 32> digest;
    uint64_t app_id;
  };
  std::vector<Entry> entries_;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_SECRET_TABLE_H_
