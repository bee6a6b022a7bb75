#include "client/responder/answer_id.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace chatgate {

std::string AnswerId(uint64_t app_id, absl::string_view event_id,
                     absl::string_view rule_id, int action) {
  // Lengths keep two different pairs of texts from becoming one.
  const std::string text =
      absl::StrCat(app_id, ":", event_id.size(), ":", event_id, ":",
                   rule_id.size(), ":", rule_id, ":", action);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

}  // namespace chatgate
