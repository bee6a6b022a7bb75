#ifndef CHATGATE_SERVER_SUBSCRIPTION_AUTHENTICATOR_H_
#define CHATGATE_SERVER_SUBSCRIPTION_AUTHENTICATOR_H_

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chatgate/v1/config.pb.h"

namespace chatgate {

// Who calls, and what they may do.
struct Caller {
  std::string name;  // For logs and limits.
  v1::Role role = v1::ROLE_UNSPECIFIED;
  std::set<uint64_t> app_ids;  // Empty: every app.

  bool MayUse(uint64_t app_id) const {
    return app_ids.empty() || app_ids.contains(app_id);
  }
};

// Authenticator knows the callers by their bearer tokens. It keeps digests, not
// tokens, and takes the same time whichever caller it finds, or none.
//
//   authenticator.Authenticate("Bearer s3cret")  // The caller, or
//                                                // UNAUTHENTICATED.
//
// Threads: immutable, so any.
class Authenticator {
 public:
  struct Credential {
    Caller caller;
    std::string token;
  };

  explicit Authenticator(const std::vector<Credential>& credentials);

  // The caller that `authorization` (the value of that header) proves. The
  // scheme's letter case does not matter. The caller lives as long as this.
  absl::StatusOr<const Caller*> Authenticate(
      absl::string_view authorization) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  struct Entry {
    Digest digest;
    Caller caller;
  };

  static Digest DigestOf(absl::string_view token);

  std::vector<Entry> entries_;
};

// PERMISSION_DENIED unless the caller has `needed` or a higher role.
absl::Status CheckRole(const Caller& caller, v1::Role needed);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SUBSCRIPTION_AUTHENTICATOR_H_
