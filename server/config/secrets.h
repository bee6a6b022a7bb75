#ifndef CHATGATE_SERVER_CONFIG_SECRETS_H_
#define CHATGATE_SERVER_CONFIG_SECRETS_H_

#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "chatgate/v1/config.pb.h"
#include "server/config/config_node.h"

namespace chatgate {

// Whether a header can carry the text: visible ASCII alone.
bool IsVisible(absl::string_view text);

// Where secrets come from, and which ones were seen: a secret that stands for
// somebody must not stand for somebody else too.
class SecretReader {
 public:
  // `folder`: where the files of secrets are looked for.
  explicit SecretReader(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }

  // Turns `secret` into its `value`. Complains, and returns false, where there
  // is none.
  bool Resolve(const ConfigNode& node, v1::Secret* secret,
               Problems* problems) const;

  // Resolves too, and complains about a secret that is shorter than
  // `bytes_min`, holds other than visible ASCII, or was seen before among those
  // of the same `kind`.
  bool ResolveUnique(absl::string_view kind, size_t bytes_min,
                     const ConfigNode& node, v1::Secret* secret,
                     Problems* problems);

 private:
  const std::string folder_;
  std::set<std::pair<std::string, size_t>> seen_;  // Kind, hash of a secret.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_CONFIG_SECRETS_H_
