#ifndef CHATGATE_SERVER_OUTBOX_OUTBOX_TARGET_H_
#define CHATGATE_SERVER_OUTBOX_OUTBOX_TARGET_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chatgate/v1/config.pb.h"
#include "server/outbox/webhook_url.h"

namespace chatgate {

// An app of the embedded platform, as far as its outgoing webhooks go.
struct OutboxApp {
  uint64_t app_id = 0;
  std::string webhook_token;
  std::vector<v1::WebhookTarget> webhooks;
};

// A target of the configuration, checked.
struct OutboxTarget {
  int64_t id = 0;  // In the tables; 0 until it is known there.
  uint64_t app_id = 0;
  std::string token;
  WebhookUrl url;
  std::string url_digest;  // Names the URL without telling it.
  std::vector<std::string> event_names;
  std::set<std::string> wanted_events;  // The same.
  bool allow_private_address = false;
};

// Why a target cannot be. Tells nothing of a URL.
struct TargetProblem {
  int index = -1;     // Of the webhook; -1: the list itself is wrong.
  std::string field;  // Of the webhook, such as `url`.
  std::string reason;
};

// The first problem of an app's webhooks.
std::optional<TargetProblem> FindTargetProblem(const OutboxApp& app);

// In the order of the configuration. INVALID_ARGUMENT names the field that is
// wrong, and nothing of a URL.
absl::StatusOr<std::vector<OutboxTarget>> CheckTargets(
    const std::vector<OutboxApp>& apps);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_OUTBOX_TARGET_H_
