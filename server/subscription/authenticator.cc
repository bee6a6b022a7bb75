#include "server/subscription/authenticator.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/subscription/service_error.h"

namespace chatgate {
namespace {

constexpr absl::string_view kScheme = "Bearer ";

}  // namespace

Authenticator::Authenticator(const std::vector<Credential>& credentials) {
  for (const Credential& credential : credentials) {
    entries_.push_back({DigestOf(credential.token), credential.caller});
  }
}

Authenticator::Digest Authenticator::DigestOf(absl::string_view token) {
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
         digest.data());
  return digest;
}

absl::StatusOr<const Caller*> Authenticator::Authenticate(
    absl::string_view authorization) const {
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) {
    return ServiceError(
        Reason::kUnauthenticated,
        "send `authorization: Bearer TOKEN`, as metadata or header");
  }
  const Digest digest = DigestOf(
      absl::StripAsciiWhitespace(authorization.substr(kScheme.size())));
  // Every caller is looked at, found or not: the time tells nothing.
  const Caller* found = nullptr;
  for (const Entry& entry : entries_) {
    if (CRYPTO_memcmp(entry.digest.data(), digest.data(), digest.size()) == 0) {
      found = &entry.caller;
    }
  }
  if (found == nullptr) {
    return ServiceError(Reason::kUnauthenticated, "the token is unknown");
  }
  return found;
}

absl::Status CheckRole(const Caller& caller, v1::Role needed) {
  if (caller.role >= needed) return absl::OkStatus();
  return ServiceError(
      Reason::kRoleTooLow,
      absl::StrCat("this needs the role ", v1::Role_Name(needed),
                   ", the caller is a ", v1::Role_Name(caller.role)));
}

}  // namespace chatgate
