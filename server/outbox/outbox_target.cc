#include "server/outbox/outbox_target.h"

#include <openssl/sha.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
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

// Tells by `problem` what is wrong, and is false then.
bool CheckEventNames(const v1::WebhookTarget& webhook, OutboxTarget* target,
                     TargetProblem* problem) {
  problem->field = "event_names";
  if (webhook.event_names_size() > kEventNamesMax) {
    problem->reason = "more than 100";
    return false;
  }
  for (const std::string& name : webhook.event_names()) {
    if (name.empty() || name.size() > kEventNameBytesMax) {
      problem->reason = "a name has 1 to 255 bytes";
      return false;
    }
    if (!target->wanted_events.insert(name).second) {
      problem->reason = absl::StrCat("`", name, "` stands twice");
      return false;
    }
    target->event_names.push_back(name);
  }
  return true;
}

bool CheckUrl(const v1::WebhookTarget& webhook, OutboxTarget* target,
              TargetProblem* problem) {
  problem->field = "url";
  absl::StatusOr<WebhookUrl> url = ParseWebhookUrl(webhook.url());
  if (!url.ok()) {
    problem->reason = std::string(url.status().message());
    return false;
  }
  target->url = *std::move(url);
  target->url_digest = Digest(webhook.url());
  // Names are looked up, and checked, at each post.
  const absl::StatusOr<SocketAddress> address =
      SocketAddress::FromDigits(target->url.host, target->url.port);
  if (address.ok() && !IsPublic(*address) && !target->allow_private_address) {
    problem->reason =
        "its address is not public: set allow_private_address if it is meant";
    return false;
  }
  return true;
}

bool CheckTargetsOf(const OutboxApp& app, std::vector<OutboxTarget>* targets,
                    TargetProblem* problem) {
  if (app.webhooks.size() > kTargetsMax) {
    problem->reason = "more than 16";
    return false;
  }
  if (!app.webhooks.empty() && app.webhook_token.empty()) {
    problem->reason = "the app has no webhook_token";
    return false;
  }
  std::set<std::string> digests;
  for (size_t i = 0; i < app.webhooks.size(); ++i) {
    const v1::WebhookTarget& webhook = app.webhooks[i];
    problem->index = static_cast<int>(i);
    OutboxTarget target;
    target.app_id = app.app_id;
    target.token = app.webhook_token;
    target.allow_private_address = webhook.allow_private_address();
    if (!CheckUrl(webhook, &target, problem) ||
        !CheckEventNames(webhook, &target, problem)) {
      return false;
    }
    if (!digests.insert(target.url_digest).second) {
      problem->field = "url";
      problem->reason = "stands twice";
      return false;
    }
    targets->push_back(std::move(target));
  }
  return true;
}

}  // namespace

std::optional<TargetProblem> FindTargetProblem(const OutboxApp& app) {
  std::vector<OutboxTarget> targets;
  TargetProblem problem;
  if (CheckTargetsOf(app, &targets, &problem)) return std::nullopt;
  return problem;
}

absl::StatusOr<std::vector<OutboxTarget>> CheckTargets(
    const std::vector<OutboxApp>& apps) {
  std::vector<OutboxTarget> targets;
  for (const OutboxApp& app : apps) {
    TargetProblem problem;
    if (CheckTargetsOf(app, &targets, &problem)) continue;
    std::string field = absl::StrCat("app ", app.app_id, ": embedded.webhooks");
    if (problem.index >= 0) {
      absl::StrAppend(&field, "[", problem.index, "].", problem.field);
    }
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": ", problem.reason));
  }
  return targets;
}

}  // namespace chatgate
