#include "webhook/secret_table.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace chatgate {
namespace {

std::array<unsigned char, 32> DigestOf(absl::string_view secret) {
  std::array<unsigned char, 32> digest;
  static_assert(SHA256_DIGEST_LENGTH == 32);
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
         digest.data());
  return digest;
}

}  // namespace

SecretTable::SecretTable(
    const std::vector<std::pair<std::string, uint64_t>>& secrets) {
  for (const auto& [secret, app_id] : secrets) {
    if (!secret.empty()) entries_.push_back({DigestOf(secret), app_id});
  }
}

std::optional<uint64_t> SecretTable::AppOf(absl::string_view presented) const {
  const std::array<unsigned char, 32> digest = DigestOf(presented);
  uint64_t app_id = 0;
  uint64_t found = 0;
  for (const Entry& entry : entries_) {
    const uint64_t equal =
        CRYPTO_memcmp(entry.digest.data(), digest.data(), digest.size()) == 0;
    // All ones where equal: no branch tells which entry it was.
    app_id |= entry.app_id & (~equal + 1);
    found |= equal;
  }
  if (found == 0) return std::nullopt;
  return app_id;
}

}  // namespace chatgate
