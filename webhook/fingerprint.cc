#include "webhook/fingerprint.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"

namespace chatgate {

uint64_t Fingerprint(std::initializer_list<absl::string_view> texts) {
  std::string all;
  for (const absl::string_view text : texts) {
    // The length keeps {"ab", "c"} and {"a", "bc"} apart.
    absl::StrAppend(&all, text.size(), ":", text);
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(),
         digest.data());
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | digest[i];
  return std::max<uint64_t>(value, 1);
}

}  // namespace chatgate
