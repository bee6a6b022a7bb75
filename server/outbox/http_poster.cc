#include "server/outbox/http_poster.h"

#include <openssl/ssl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

using std::chrono::steady_clock;

// After the answer's head nothing depends on its body any more.
constexpr std::chrono::milliseconds kDrainMax{1000};

struct AnswerHead {
  int status = 0;
  size_t content_length = 0;
};

// `head` ends before its empty line.
absl::StatusOr<AnswerHead> ParseHead(absl::string_view head) {
  AnswerHead result;
  const std::vector<absl::string_view> lines = absl::StrSplit(head, "\r\n");
  const absl::string_view first = lines[0];
  // `HTTP/1.1 200 OK`
  if (!absl::StartsWith(first, "HTTP/1.") || first.size() < 12 ||
      first[8] != ' ' ||
      !std::all_of(first.begin() + 9, first.begin() + 12,
                   absl::ascii_isdigit) ||
      (first.size() > 12 && first[12] != ' ')) {
    return absl::UnavailableError("the answer is no HTTP");
  }
  result.status =
      (first[9] - '0') * 100 + (first[10] - '0') * 10 + (first[11] - '0');
  for (const absl::string_view line : lines) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (absl::EqualsIgnoreCase(field.first, "content-length") &&
        !absl::SimpleAtoi(absl::StripAsciiWhitespace(field.second),
                          &result.content_length)) {
      result.content_length = 0;  // Only politeness is lost.
    }
  }
  return result;
}

// Reads the rest of a body: a connection that is closed with unread bytes looks
// to the other side as if we had crashed.
void Drain(WebhookConnection& connection, size_t left) {
  char buffer[4096];
  while (left > 0) {
    const absl::StatusOr<size_t> size =
        connection.Read(buffer, std::min(left, sizeof(buffer)));
    if (!size.ok() || *size == 0) return;
    left -= *size;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpPoster>> HttpPoster::Create(
    Resolver& resolver, const HttpPosterOptions& options) {
  SSL_CTX* tls = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
  SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, nullptr);
  const int trusted = options.ca_file.empty()
                          ? SSL_CTX_set_default_verify_paths(tls)
                          : SSL_CTX_load_verify_locations(
                                tls, options.ca_file.c_str(), nullptr);
  std::unique_ptr<HttpPoster> poster(new HttpPoster(
      resolver, options, tls, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)));
  if (trusted != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("no authorities can be read from ", options.ca_file));
  }
  if (poster->cancel_fd_ < 0) {
    return absl::ResourceExhaustedError("no file descriptor is left");
  }
  return poster;
}

HttpPoster::HttpPoster(Resolver& resolver, const HttpPosterOptions& options,
                       ssl_ctx_st* tls, int cancel_fd)
    : resolver_(resolver),
      options_(options),
      tls_(tls),
      cancel_fd_(cancel_fd) {}

HttpPoster::~HttpPoster() {
  SSL_CTX_free(tls_);
  if (cancel_fd_ >= 0) close(cancel_fd_);
}

void HttpPoster::Cancel() {
  resolver_.Cancel();
  eventfd_write(cancel_fd_, 1);
}

absl::StatusOr<std::unique_ptr<WebhookConnection>> HttpPoster::Connect(
    const std::vector<SocketAddress>& addresses, bool allow_private_address,
    WaitLimits::Time deadline) const {
  absl::Status problem =
      absl::PermissionDeniedError("the host's address is not public");
  for (const SocketAddress& address : addresses) {
    if (!allow_private_address && !IsPublic(address)) continue;
    absl::StatusOr<std::unique_ptr<WebhookConnection>> connection =
        WebhookConnection::Open(address,
                                {deadline, options_.connect_max, cancel_fd_});
    if (connection.ok()) return connection;
    problem = connection.status();
    if (absl::IsCancelled(problem)) break;
  }
  return problem;
}

absl::StatusOr<int> HttpPoster::Post(const WebhookUrl& url,
                                     bool allow_private_address,
                                     absl::string_view form) {
  // A slow name service is not the receiver's fault: its time begins after it.
  ASSIGN_OR_RETURN(const std::vector<SocketAddress> addresses,
                   resolver_.Resolve(url.host, url.port));
  const WaitLimits limits{steady_clock::now() + options_.total_max,
                          options_.wait_max, cancel_fd_};
  ASSIGN_OR_RETURN(std::unique_ptr<WebhookConnection> connection,
                   Connect(addresses, allow_private_address, limits.deadline));
  connection->set_limits(limits);
  if (url.tls) RETURN_IF_ERROR(connection->StartTls(tls_, url.host));
  const std::string head =
      absl::StrCat("POST ", url.path, " HTTP/1.1\r\nHost: ", url.Authority(),
                   "\r\nUser-Agent: Dashly Webhook 1.0\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\n"
                   "Content-Length: ",
                   form.size(), "\r\nAccept: */*\r\nConnection: close\r\n\r\n");
  absl::Status written = connection->Write(head);
  if (written.ok()) written = connection->Write(form);
  // A receiver may refuse before it has read everything: its answer counts.
  absl::StatusOr<int> status = ReadAnswer(*connection, limits);
  if (!written.ok() && !status.ok()) return written;
  return status;
}

absl::StatusOr<int> HttpPoster::ReadAnswer(WebhookConnection& connection,
                                           const WaitLimits& limits) const {
  std::string bytes;
  char buffer[4096];
  while (true) {
    const size_t end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) {
      if (bytes.size() >= options_.head_bytes_max) {
        return absl::UnavailableError("the answer's head is too long");
      }
      ASSIGN_OR_RETURN(
          const size_t size,
          connection.Read(buffer,
                          std::min(sizeof(buffer),
                                   options_.head_bytes_max - bytes.size())));
      if (size == 0) return absl::UnavailableError("the answer was cut off");
      bytes.append(buffer, size);
      continue;
    }
    ASSIGN_OR_RETURN(const AnswerHead head,
                     ParseHead(absl::string_view(bytes).substr(0, end)));
    bytes.erase(0, end + 4);
    if (head.status < 200) continue;  // Such as `103 Early Hints`.
    if (head.content_length > bytes.size() &&
        head.content_length <= options_.body_bytes_max) {
      connection.set_limits(
          {std::min(limits.deadline, steady_clock::now() + kDrainMax),
           kDrainMax, cancel_fd_});
      Drain(connection, head.content_length - bytes.size());
    }
    return head.status;
  }
}

}  // namespace chatgate
