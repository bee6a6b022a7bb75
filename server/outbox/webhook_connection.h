#ifndef CHATGATE_SERVER_OUTBOX_WEBHOOK_CONNECTION_H_
#define CHATGATE_SERVER_OUTBOX_WEBHOOK_CONNECTION_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/outbox/address.h"

struct ssl_st;
struct ssl_ctx_st;

namespace chatgate {

// How long the waits of a connection may take, and what else ends them.
struct WaitLimits {
  using Time = std::chrono::steady_clock::time_point;

  Time deadline;                      // Of everything together.
  std::chrono::milliseconds one_max;  // Of one wait.
  int cancel_fd = -1;  // Every wait ends once this can be read; -1: none.
};

// WebhookConnection is one connection to a target, in the clear or with TLS. No
// peer, however it drips its bytes, in a handshake or later, makes it wait
// beyond its limits.
//
// Threads: one at a time.
// Errors:  DEADLINE_EXCEEDED, CANCELLED, UNAVAILABLE with what went wrong.
class WebhookConnection {
 public:
  static absl::StatusOr<std::unique_ptr<WebhookConnection>> Open(
      const SocketAddress& address, const WaitLimits& limits);
  ~WebhookConnection();
  WebhookConnection(const WebhookConnection&) = delete;
  WebhookConnection& operator=(const WebhookConnection&) = delete;

  void set_limits(const WaitLimits& limits) { limits_ = limits; }

  // Goes on with TLS, and proves that the peer is `host`, a name or an address,
  // by a certificate that `context` trusts.
  absl::Status StartTls(ssl_ctx_st* context, const std::string& host);

  absl::Status Write(absl::string_view bytes);

  // At least one byte; 0 at the end.
  absl::StatusOr<size_t> Read(char* buffer, size_t size);

  // Nothing has come that was not read, and the peer has not left.
  bool IsQuiet() const;

 private:
  WebhookConnection(int fd, const WaitLimits& limits)
      : fd_(fd), limits_(limits) {}

  absl::Status Connect(const SocketAddress& address);
  absl::Status WaitFor(short events);
  absl::Status Send(absl::string_view bytes);
  absl::StatusOr<size_t> Receive(char* buffer, size_t size);
  // Moves what TLS wants to send to the socket.
  absl::Status FlushTls();
  // Gives TLS more from the socket. False at the end.
  absl::StatusOr<bool> FeedTls();
  // What to do after a step of TLS with `result`: true: again.
  absl::StatusOr<bool> GoOnWithTls(int result, absl::string_view doing);

  const int fd_;
  WaitLimits limits_;
  ssl_st* tls_ = nullptr;  // Reads and writes memory; the socket is ours.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_WEBHOOK_CONNECTION_H_
