#include "server/outbox/outbox_target.h"

#include <openssl/sha.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/outbox/address.h"

namespace chatgate {
namespace {

constexpr size_t kTargetsMax = 16;  // Of an app.
constexpr int kEventNamesMax = 100;
constexpr size_t kEventNameBytesMax = 255;

std::string Digest(absl::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

absl::Status Wrong(absl::string_view field, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", why));
}

absl::Status CheckEventNames(absl::string_view field,
                             const v1::WebhookTarget& webhook,
                             OutboxTarget* target) {
  if (webhook.event_names_size() > kEventNamesMax) {
    return Wrong(field, "more than 100");
  }
  for (const std::string& name : webhook.event_names()) {
    if (name.empty() || name.size() > kEventNameBytesMax) {
      return Wrong(field, "a name has 1 to 255 bytes");
    }
    if (!target->wanted_events.insert(name).second) {
      return Wrong(field, absl::StrCat("`", name, "` stands twice"));
    }
    target->event_names.push_back(name);
  }
  return absl::OkStatus();
}

absl::StatusOr<OutboxTarget> CheckTarget(absl::string_view field,
                                         const OutboxApp& app,
                                         const v1::WebhookTarget& webhook) {
  OutboxTarget target;
  target.app_id = app.app_id;
  target.token = app.webhook_token;
  target.allow_private_address = webhook.allow_private_address();
  const std::string url_field = absl::StrCat(field, ".url");
  absl::StatusOr<WebhookUrl> url = ParseWebhookUrl(webhook.url());
  if (!url.ok()) return Wrong(url_field, url.status().message());
  target.url = *std::move(url);
  target.url_digest = Digest(webhook.url());
  // Names are looked up, and checked, at each post.
  const absl::StatusOr<SocketAddress> address =
      SocketAddress::FromDigits(target.url.host, target.url.port);
  if (address.ok() && !IsPublic(*address) && !target.allow_private_address) {
    return Wrong(url_field,
                 "its address is not public: set allow_private_address if it "
                 "is meant");
  }
  RETURN_IF_ERROR(
      CheckEventNames(absl::StrCat(field, ".event_names"), webhook, &target));
  return target;
}

}  // namespace

absl::StatusOr<std::vector<OutboxTarget>> CheckTargets(
    const std::vector<OutboxApp>& apps) {
  std::vector<OutboxTarget> targets;
  for (const OutboxApp& app : apps) {
    const std::string field =
        absl::StrCat("app ", app.app_id, ": embedded.webhooks");
    if (app.webhooks.size() > kTargetsMax) {
      return Wrong(field, "more than 16");
    }
    if (!app.webhooks.empty() && app.webhook_token.empty()) {
      return Wrong(field, "the app has no webhook_token");
    }
    std::set<std::string> digests;
    for (size_t i = 0; i < app.webhooks.size(); ++i) {
      const std::string entry = absl::StrCat(field, "[", i, "]");
      ASSIGN_OR_RETURN(OutboxTarget target,
                       CheckTarget(entry, app, app.webhooks[i]));
      if (!digests.insert(target.url_digest).second) {
        return Wrong(absl::StrCat(entry, ".url"), "stands twice");
      }
      targets.push_back(std::move(target));
    }
  }
  return targets;
}

}  // namespace chatgate
