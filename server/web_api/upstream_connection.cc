#include "server/web_api/upstream_connection.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

using std::chrono::steady_clock;

TransportAnswer NotSent(absl::Status why) {
  TransportAnswer answer;
  answer.status = std::move(why);
  return answer;
}

TransportAnswer MaybeSent(absl::Status why) {
  TransportAnswer answer;
  answer.status = std::move(why);
  answer.maybe_sent = true;
  return answer;
}

// Reads until the reader has a whole answer.
absl::Status ReadWith(WebhookConnection& connection, AnswerReader* reader) {
  char buffer[16384];
  while (true) {
    ASSIGN_OR_RETURN(const size_t size,
                     connection.Read(buffer, sizeof(buffer)));
    if (size == 0) return reader->End();
    ASSIGN_OR_RETURN(const bool whole,
                     reader->Add(absl::string_view(buffer, size)));
    if (whole) return absl::OkStatus();
  }
}

}  // namespace

TransportAnswer UpstreamConnection::Exchange(absl::string_view request,
                                             Time deadline) {
  if (connection_ != nullptr && !CanGoOn()) connection_.reset();
  if (connection_ == nullptr) {
    const Time open_until =
        std::min(deadline, steady_clock::now() + upstream_.connect_max);
    if (absl::Status opened = Open(open_until); !opened.ok()) {
      connection_.reset();
      // The platform's fault, unless it was the job that had too little time.
      if (absl::IsDeadlineExceeded(opened) && open_until < deadline) {
        opened = absl::UnavailableError("no connection in time");
      }
      return NotSent(std::move(opened));
    }
  }
  connection_->set_limits(
      {deadline, std::chrono::hours(1), upstream_.cancel_fd});
  absl::Status written = connection_->Write(request);
  // A platform may refuse before it has read everything: its answer counts.
  bool keeps_open = false;
  TransportAnswer answer = ReadAnswer(*connection_, &keeps_open);
  if (!written.ok() || !keeps_open) connection_.reset();
  if (!answer.status.ok() && !written.ok()) answer.status = std::move(written);
  used_ = steady_clock::now();
  return answer;
}

// A connection that the platform has left, or says something on that nobody
// asked for, is not used again: what is sent on it might be lost.
bool UpstreamConnection::CanGoOn() const {
  return steady_clock::now() - used_ < upstream_.idle_max &&
         connection_->IsQuiet();
}

absl::Status UpstreamConnection::Open(Time open_until) {
  ASSIGN_OR_RETURN(connection_, Connect(open_until));
  connection_->set_limits(
      {open_until, upstream_.connect_max, upstream_.cancel_fd});
  if (!upstream_.base.tls) return absl::OkStatus();
  if (upstream_.proxy) RETURN_IF_ERROR(StartTunnel(*connection_));
  return connection_->StartTls(upstream_.tls, upstream_.base.host);
}

absl::StatusOr<std::unique_ptr<WebhookConnection>> UpstreamConnection::Connect(
    Time deadline) {
  const WebhookUrl& next = upstream_.proxy ? *upstream_.proxy : upstream_.base;
  ASSIGN_OR_RETURN(const std::vector<SocketAddress> addresses,
                   upstream_.resolver->Resolve(next.host, next.port));
  absl::Status problem = absl::UnavailableError("the host has no address");
  for (size_t i = 0; i < addresses.size(); ++i) {
    // One that does not answer leaves time for the others.
    const auto left = deadline - steady_clock::now();
    const auto share = std::chrono::duration_cast<std::chrono::milliseconds>(
        left / static_cast<int>(addresses.size() - i));
    absl::StatusOr<std::unique_ptr<WebhookConnection>> connection =
        WebhookConnection::Open(addresses[i],
                                {deadline, share, upstream_.cancel_fd});
    if (connection.ok()) return connection;
    problem = connection.status();
    if (absl::IsCancelled(problem)) break;
  }
  return problem;
}

absl::Status UpstreamConnection::StartTunnel(
    WebhookConnection& connection) const {
  const std::string host =
      absl::StrCat(absl::StrContains(upstream_.base.host, ':')
                       ? absl::StrCat("[", upstream_.base.host, "]")
                       : upstream_.base.host,
                   ":", upstream_.base.port);
  std::string request =
      absl::StrCat("CONNECT ", host, " HTTP/1.1\r\nHost: ", host, "\r\n");
  if (!upstream_.proxy_credentials.empty()) {
    absl::StrAppend(&request, "Proxy-Authorization: Basic ",
                    upstream_.proxy_credentials, "\r\n");
  }
  RETURN_IF_ERROR(connection.Write(absl::StrCat(request, "\r\n")));
  AnswerReader reader(upstream_.limits, /*head_only=*/true);
  RETURN_IF_ERROR(ReadWith(connection, &reader));
  // Many answer as HTTP/1.0: a tunnel is kept open all the same.
  const bool is_exact = reader.is_exact();
  const int status = reader.TakeAnswer().http_status;
  if (status < 200 || status > 299) {
    return absl::UnavailableError(
        absl::StrCat("the proxy answers HTTP status ", status));
  }
  if (is_exact) return absl::OkStatus();
  return absl::UnavailableError("the proxy says more than it was asked");
}

TransportAnswer UpstreamConnection::ReadAnswer(WebhookConnection& connection,
                                               bool* keeps_open) const {
  AnswerReader reader(upstream_.limits);
  if (absl::Status read = ReadWith(connection, &reader); !read.ok()) {
    return MaybeSent(std::move(read));
  }
  *keeps_open = reader.keeps_open();
  return reader.TakeAnswer();
}

}  // namespace chatgate
