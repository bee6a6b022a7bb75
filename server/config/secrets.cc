#include "server/config/secrets.h"

#include <cstdlib>
#include <functional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/secret_bytes.h"
#include "server/config/read_file.h"

namespace chatgate {
namespace {

absl::StatusOr<std::string> TextOf(const v1::Secret& secret,
                                   absl::string_view folder) {
  switch (secret.from_case()) {
    case v1::Secret::kValue:
      return secret.value();
    case v1::Secret::kFile:
      return ReadConfigFile(PathFrom(folder, secret.file()));
    case v1::Secret::kEnv: {
      const char* text = std::getenv(secret.env().c_str());
      if (text != nullptr) return std::string(text);
      return absl::NotFoundError(
          absl::StrCat("the environment variable ", secret.env(), " is unset"));
    }
    case v1::Secret::FROM_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("a secret needs env, value or file");
}

}  // namespace

bool IsVisible(absl::string_view text) {
  for (char c : text) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

bool SecretReader::Resolve(const ConfigNode& node, v1::Secret* secret,
                           Problems* problems) const {
  absl::StatusOr<std::string> text = TextOf(*secret, folder_);
  if (!text.ok()) {
    node.Complain(text.status().message(), problems);
    return false;
  }
  const absl::string_view stripped = absl::StripAsciiWhitespace(*text);
  if (stripped.empty()) {
    node.Complain("the secret is empty", problems);
    return false;
  }
  std::string value(stripped);
  WipeText(&*text);
  if (secret->from_case() == v1::Secret::kValue) {
    WipeText(secret->mutable_value());
  }
  secret->set_value(std::move(value));
  return true;
}

bool SecretReader::ResolveUnique(absl::string_view kind, size_t bytes_min,
                                 const ConfigNode& node, v1::Secret* secret,
                                 Problems* problems) {
  if (!Resolve(node, secret, problems)) return false;
  if (secret->value().size() < bytes_min) {
    node.Complain(
        absl::StrCat("a ", kind, " has at least ", bytes_min, " characters"),
        problems);
    return false;
  }
  if (!IsVisible(secret->value())) {
    node.Complain(absl::StrCat("a ", kind, " holds visible ASCII alone"),
                  problems);
    return false;
  }
  // Sixty-four bits are no secret, and enough to tell a few apart.
  const size_t hash = std::hash<std::string>()(secret->value());
  if (!seen_.emplace(std::string(kind), hash).second) {
    node.Complain(absl::StrCat("another one has the same ", kind), problems);
    return false;
  }
  return true;
}

}  // namespace chatgate
