#include <unistd.h>

#include <cstring>
#include <functional>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "server/base/secret_bytes.h"
#include "server/config/config.h"

namespace chatgate {
namespace {

using Visit = std::function<void(v1::Secret* secret)>;

void ForEachSecret(v1::AppConfig* app, const Visit& visit) {
  if (app->has_api_token()) visit(app->mutable_api_token());
  if (app->has_webhook_token()) visit(app->mutable_webhook_token());
  if (app->has_chatlio_secret()) visit(app->mutable_chatlio_secret());
  if (app->web_api().has_proxy())
    visit(app->mutable_web_api()->mutable_proxy());
}

void ForEachSecret(v1::Config* config, const Visit& visit) {
  for (v1::AppConfig& app : *config->mutable_apps()) {
    ForEachSecret(&app, visit);
  }
  for (v1::CallerConfig& caller : *config->mutable_callers()) {
    if (caller.has_token()) visit(caller.mutable_token());
  }
}

void Wipe(v1::Secret* secret) {
  if (secret->from_case() == v1::Secret::kValue) {
    WipeText(secret->mutable_value());
  }
  secret->Clear();
}

}  // namespace

void WipeSecrets(v1::AppConfig* app) { ForEachSecret(app, Wipe); }

void WipeSecrets(v1::Config* config) { ForEachSecret(config, Wipe); }

void WipeEnvironment(v1::Config* config) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    char* const value = std::strchr(*entry, '=');
    if (value == nullptr) continue;
    const size_t size = std::strlen(value + 1);
    const absl::string_view text =
        absl::StripAsciiWhitespace(absl::string_view(value + 1, size));
    bool is_secret = false;
    ForEachSecret(config, [&](const v1::Secret* secret) {
      is_secret = is_secret || (!text.empty() && secret->value() == text);
    });
    if (is_secret) explicit_bzero(value + 1, size);
  }
}

}  // namespace chatgate
