#ifndef CHATGATE_SERVER_OUTBOX_HTTP_POSTER_H_
#define CHATGATE_SERVER_OUTBOX_HTTP_POSTER_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/outbox/poster.h"
#include "server/outbox/resolver.h"
#include "server/outbox/webhook_connection.h"

struct ssl_ctx_st;

namespace chatgate {

struct HttpPosterOptions {
  std::chrono::milliseconds connect_max{5'000};  // For each address of a host.
  std::chrono::milliseconds wait_max{10'000};    // Between two bytes.
  // From when the host's address is known to the end of the answer's head.
  std::chrono::milliseconds total_max{20'000};
  size_t head_bytes_max = 16 * 1024;
  size_t body_bytes_max = 64 * 1024;  // Read for politeness, and thrown away.
  // PEM file of authorities; empty: those that the machine trusts.
  std::string ca_file;
};

// HttpPoster posts over HTTP/1.1, one connection a post. It connects to the
// very address that it has checked, so a name that resolves to something else a
// moment later cannot lead it into the gateway's own network; Host header and
// certificate go by the name.
//
// Time:    the look-up of a name has the limits of the machine's resolver; all
//          else ends at `total_max`, also under a peer that drips.
// Threads: any, several at a time; each post blocks its thread.
class HttpPoster final : public Poster {
 public:
  // INVALID_ARGUMENT: `ca_file` cannot be read.
  static absl::StatusOr<std::unique_ptr<HttpPoster>> Create(
      Resolver& resolver, const HttpPosterOptions& options = {});
  ~HttpPoster() override;

  absl::StatusOr<int> Post(const WebhookUrl& url, bool allow_private_address,
                           absl::string_view form) override;
  void Cancel() override;

 private:
  HttpPoster(Resolver& resolver, const HttpPosterOptions& options,
             ssl_ctx_st* tls, int cancel_fd);

  absl::StatusOr<std::unique_ptr<WebhookConnection>> Connect(
      const std::vector<SocketAddress>& addresses, bool allow_private_address,
      WaitLimits::Time deadline) const;
  absl::StatusOr<int> ReadAnswer(WebhookConnection& connection,
                                 const WaitLimits& limits) const;

  Resolver& resolver_;  // Outlives this.
  const HttpPosterOptions options_;
  ssl_ctx_st* const tls_;
  const int cancel_fd_;  // Readable once cancelled.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_HTTP_POSTER_H_
