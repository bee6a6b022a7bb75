#include "server/outbox/webhook_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

absl::Status Failed(absl::string_view doing, int error) {
  return absl::UnavailableError(absl::StrCat(doing, ": ", strerror(error)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<WebhookConnection>> WebhookConnection::Open(
    const SocketAddress& address, const WaitLimits& limits) {
  const int fd = socket(address.storage.ss_family,
                        SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Failed("making a socket", errno);
  std::unique_ptr<WebhookConnection> connection(
      new WebhookConnection(fd, limits));
  RETURN_IF_ERROR(connection->Connect(address));
  return connection;
}

WebhookConnection::~WebhookConnection() {
  SSL_free(tls_);
  close(fd_);
}

bool WebhookConnection::IsQuiet() const {
  // What came in one piece with the answer has left the socket already.
  if (tls_ != nullptr &&
      (SSL_pending(tls_) > 0 || BIO_ctrl_pending(SSL_get_rbio(tls_)) > 0)) {
    return false;
  }
  char byte = 0;
  return recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

absl::Status WebhookConnection::Connect(const SocketAddress& address) {
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (connect(fd_, address.get(), address.length) == 0) return absl::OkStatus();
  if (errno != EINPROGRESS) return Failed("connecting", errno);
  RETURN_IF_ERROR(WaitFor(POLLOUT));
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? absl::OkStatus() : Failed("connecting", error);
}

absl::Status WebhookConnection::WaitFor(short events) {
  using std::chrono::milliseconds;
  const auto until = std::min(
      limits_.deadline, std::chrono::steady_clock::now() + limits_.one_max);
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(
        until - std::chrono::steady_clock::now());
    if (left <= milliseconds(0)) {
      return absl::DeadlineExceededError("no answer in time");
    }
    pollfd fds[2] = {{fd_, events, 0}, {limits_.cancel_fd, POLLIN, 0}};
    const int ready = poll(fds, 2, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return Failed("waiting", errno);
    if (ready <= 0) continue;
    if (fds[1].revents != 0) return absl::CancelledError("stopping");
    return absl::OkStatus();
  }
}

absl::Status WebhookConnection::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      RETURN_IF_ERROR(WaitFor(POLLOUT));
    } else if (errno != EINTR) {
      return Failed("sending", errno);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> WebhookConnection::Receive(char* buffer, size_t size) {
  while (true) {
    // Waits first: a peer that always has a byte ready is cut off too.
    RETURN_IF_ERROR(WaitFor(POLLIN));
    const ssize_t received = recv(fd_, buffer, size, 0);
    if (received >= 0) return static_cast<size_t>(received);
    if (errno != EAGAIN && errno != EINTR) return Failed("reading", errno);
  }
}

absl::Status WebhookConnection::FlushTls() {
  char buffer[16384];
  while (true) {
    const int size = BIO_read(SSL_get_wbio(tls_), buffer, sizeof(buffer));
    if (size <= 0) return absl::OkStatus();
    RETURN_IF_ERROR(Send(absl::string_view(buffer, static_cast<size_t>(size))));
  }
}

absl::StatusOr<bool> WebhookConnection::FeedTls() {
  char buffer[16384];
  ASSIGN_OR_RETURN(const size_t size, Receive(buffer, sizeof(buffer)));
  if (size == 0) return false;
  BIO_write(SSL_get_rbio(tls_), buffer, static_cast<int>(size));
  return true;
}

absl::StatusOr<bool> WebhookConnection::GoOnWithTls(int result,
                                                    absl::string_view doing) {
  const int error = SSL_get_error(tls_, result);
  if (result <= 0 && error != SSL_ERROR_WANT_READ) {
    const long verified = SSL_get_verify_result(tls_);
    if (verified != X509_V_OK) {
      return absl::UnavailableError(absl::StrCat(
          doing, ": certificate: ", X509_verify_cert_error_string(verified)));
    }
    const char* why = ERR_reason_error_string(ERR_peek_error());
    return absl::UnavailableError(
        absl::StrCat(doing, ": ", why == nullptr ? "the peer left" : why));
  }
  RETURN_IF_ERROR(FlushTls());
  if (result > 0) return false;
  ASSIGN_OR_RETURN(const bool more, FeedTls());
  if (!more) return absl::UnavailableError(absl::StrCat(doing, ": cut off"));
  return true;
}

absl::Status WebhookConnection::StartTls(ssl_ctx_st* context,
                                         const std::string& host) {
  tls_ = SSL_new(context);
  SSL_set_bio(tls_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(tls_);
  if (SocketAddress::FromDigits(host, 0).ok()) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_), host.c_str());
  } else {
    SSL_set_tlsext_host_name(tls_, host.c_str());
    SSL_set_hostflags(tls_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (SSL_set1_host(tls_, host.c_str()) != 1) {
      return absl::UnavailableError("TLS: the host's name is refused");
    }
  }
  while (true) {
    ERR_clear_error();
    ASSIGN_OR_RETURN(const bool again,
                     GoOnWithTls(SSL_do_handshake(tls_), "TLS"));
    if (!again) return absl::OkStatus();
  }
}

absl::Status WebhookConnection::Write(absl::string_view bytes) {
  if (tls_ == nullptr) return Send(bytes);
  while (!bytes.empty()) {
    // A piece at a time, so that the whole is not kept encrypted as well.
    const absl::string_view piece = bytes.substr(0, 65536);
    ERR_clear_error();
    const int written =
        SSL_write(tls_, piece.data(), static_cast<int>(piece.size()));
    ASSIGN_OR_RETURN(const bool again, GoOnWithTls(written, "TLS"));
    if (!again) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> WebhookConnection::Read(char* buffer, size_t size) {
  if (tls_ == nullptr) return Receive(buffer, size);
  while (true) {
    ERR_clear_error();
    const int result = SSL_read(
        tls_, buffer, static_cast<int>(std::min<size_t>(size, 1 << 20)));
    if (result <= 0 && SSL_get_error(tls_, result) == SSL_ERROR_ZERO_RETURN) {
      return size_t{0};
    }
    ASSIGN_OR_RETURN(const bool again, GoOnWithTls(result, "TLS"));
    if (!again) return static_cast<size_t>(result);
  }
}

}  // namespace chatgate
