#ifndef CHATGATE_SERVER_OUTBOX_WEBHOOK_URL_H_
#define CHATGATE_SERVER_OUTBOX_WEBHOOK_URL_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// The parts of an address that webhooks are posted to.
struct WebhookUrl {
  bool tls = false;
  std::string host;  // Lower case; an IPv6 address without brackets.
  uint16_t port = 0;
  std::string path;  // With the query; begins with `/`.

  // `host`, with brackets and the port where they belong in the Host header.
  std::string Authority() const;

  // For people: path and query, which may hold a secret, are `...`.
  std::string Redacted() const;
};

// INVALID_ARGUMENT: not `http` or `https`, no host, a user name or fragment in
// it, characters that belong in no URL, or more than 2,048 bytes. The message
// repeats nothing of the URL.
absl::StatusOr<WebhookUrl> ParseWebhookUrl(absl::string_view url);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_WEBHOOK_URL_H_
