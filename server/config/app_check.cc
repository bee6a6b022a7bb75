#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/config/checks.h"
#include "server/outbox/outbox_target.h"

namespace chatgate {
namespace {

constexpr size_t kChatlioSecretBytesMin = 8;
constexpr size_t kTokenBytesMin = 1;
constexpr uint32_t kRequestsPerMinuteMax = 100'000;

// A required id that is not in `seen` yet.
void CheckId(const ConfigNode& node, uint64_t id, std::set<uint64_t>* seen,
             Problems* problems) {
  if (id == 0) {
    node.Complain("id is required and not 0", problems);
  } else if (!seen->insert(id).second) {
    node.Complain(absl::StrCat("the id ", id, " is there twice"), problems);
  }
}

// The secret is a part of a path.
void CheckPathSecret(const ConfigNode& node, const std::string& secret,
                     Problems* problems) {
  for (char c : secret) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' &&
        c != '_') {
      node.Complain("a chatlio_secret has letters, digits, - and _ alone",
                    problems);
      return;
    }
  }
}

void CheckWebhooks(const ConfigNode& node, const v1::EmbeddedConfig& embedded,
                   Problems* problems) {
  OutboxApp app;
  app.webhook_token = "made at first start";  // Where there is none yet.
  app.webhooks = {embedded.webhooks().begin(), embedded.webhooks().end()};
  const std::optional<TargetProblem> problem = FindTargetProblem(app);
  if (!problem) return;
  if (problem->index < 0) {
    node.Field("webhooks", 0)
        .Complain(absl::StrCat("webhooks: ", problem->reason), problems);
    return;
  }
  // Of a list there is a line for each element.
  const ConfigNode webhook = node.Field("webhooks", problem->index);
  (problem->field == "url" ? webhook.Field("url") : webhook)
      .Complain(absl::StrCat(problem->field, ": ", problem->reason), problems);
}

void CheckEmbedded(const ConfigNode& node, v1::EmbeddedConfig* embedded,
                   Problems* problems) {
  if (embedded->requests_per_minute() > kRequestsPerMinuteMax) {
    node.Field("requests_per_minute")
        .Complain(absl::StrCat("more than ", kRequestsPerMinuteMax), problems);
  }
  CheckWebhooks(node, *embedded, problems);
  std::set<uint64_t> admins;
  for (int i = 0; i < embedded->admins_size(); ++i) {
    const ConfigNode admin = node.Field("admins", i);
    CheckId(admin.Field("id"), embedded->admins(i).id(), &admins, problems);
    if (embedded->admins(i).name().empty()) {
      admin.Field("name").Complain("an admin needs a name", problems);
    }
  }
  std::set<uint64_t> channels;
  for (int i = 0; i < embedded->channels_size(); ++i) {
    const ConfigNode channel = node.Field("channels", i);
    v1::ChannelConfig* config = embedded->mutable_channels(i);
    CheckId(channel.Field("id"), config->id(), &channels, problems);
    if (config->name().empty()) {
      channel.Field("name").Complain("a channel needs a name", problems);
    }
    if (config->type().empty()) config->set_type("manual");
  }
}

void CheckSecrets(const ConfigNode& node, SecretReader* secrets,
                  v1::AppConfig* app, Problems* problems) {
  if (app->has_api_token()) {
    secrets->ResolveUnique("api_token", kTokenBytesMin, node.Field("api_token"),
                           app->mutable_api_token(), problems);
  }
  // It selects the app.
  if (app->has_webhook_token()) {
    secrets->ResolveUnique("webhook_token", kTokenBytesMin,
                           node.Field("webhook_token"),
                           app->mutable_webhook_token(), problems);
  }
  if (app->has_chatlio_secret() &&
      secrets->ResolveUnique("chatlio_secret", kChatlioSecretBytesMin,
                             node.Field("chatlio_secret"),
                             app->mutable_chatlio_secret(), problems)) {
    CheckPathSecret(node.Field("chatlio_secret"), app->chatlio_secret().value(),
                    problems);
  }
}

}  // namespace

void CheckApps(const ConfigNode& node, SecretReader* secrets,
               v1::Config* config, Problems* problems) {
  if (config->apps().empty()) node.Complain("apps: at least one", problems);
  std::set<uint64_t> ids;
  for (int i = 0; i < config->apps_size(); ++i) {
    const ConfigNode place = node.Field("apps", i);
    v1::AppConfig* app = config->mutable_apps(i);
    CheckId(place.Field("id"), app->id(), &ids, problems);
    CheckSecrets(place, secrets, app, problems);
    if (app->has_embedded()) {
      CheckEmbedded(place.Field("embedded"), app->mutable_embedded(), problems);
    } else if (app->has_web_api()) {
      CheckWebApi(place.Field("web_api"), secrets, app->mutable_web_api(),
                  problems);
      if (!app->has_api_token()) {
        place.Complain("web_api needs an api_token", problems);
      }
    } else {
      place.Complain("an app needs a platform, such as embedded {}", problems);
    }
  }
}

}  // namespace chatgate
