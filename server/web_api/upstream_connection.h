#ifndef CHATGATE_SERVER_WEB_API_UPSTREAM_CONNECTION_H_
#define CHATGATE_SERVER_WEB_API_UPSTREAM_CONNECTION_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/outbox/resolver.h"
#include "server/outbox/webhook_connection.h"
#include "server/outbox/webhook_url.h"
#include "server/web_api/answer_reader.h"
#include "server/web_api/transport.h"

struct ssl_ctx_st;

namespace chatgate {

// Where a platform is, and how to get there. Immutable.
struct Upstream {
  WebhookUrl base;  // Its path has no slash at the end, and no query.
  std::optional<WebhookUrl> proxy;
  std::string proxy_credentials;  // `USER:PASSWORD` in base64, or empty.
  std::chrono::milliseconds connect_max{5'000};  // TLS included.
  std::chrono::milliseconds idle_max{30'000};
  AnswerLimits limits;
  Resolver* resolver = nullptr;  // Outlives the connections.
  ssl_ctx_st* tls = nullptr;     // Outlives the connections.
  int cancel_fd = -1;            // Every wait ends once it can be read.
};

// UpstreamConnection is one connection to a platform, opened when it is needed
// and kept open for the next request while the platform allows it.
//
// Threads: one at a time; Exchange blocks.
class UpstreamConnection {
 public:
  explicit UpstreamConnection(const Upstream& upstream) : upstream_(upstream) {}

  // Sends a whole request and reads its answer. Ends at `deadline`, also under
  // a platform that drips; the look-up of a name alone has the limits of the
  // machine's resolver.
  TransportAnswer Exchange(absl::string_view request,
                           WaitLimits::Time deadline);

 private:
  using Time = WaitLimits::Time;

  absl::Status Open(Time open_until);
  absl::StatusOr<std::unique_ptr<WebhookConnection>> Connect(Time deadline);
  absl::Status StartTunnel(WebhookConnection& connection) const;
  TransportAnswer ReadAnswer(WebhookConnection& connection,
                             bool* keeps_open) const;
  bool CanGoOn() const;

  const Upstream& upstream_;  // Outlives this.
  std::unique_ptr<WebhookConnection> connection_;
  Time used_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_UPSTREAM_CONNECTION_H_
