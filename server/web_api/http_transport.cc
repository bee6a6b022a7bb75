#include "server/web_api/http_transport.h"

#include <openssl/ssl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

using std::chrono::steady_clock;

TransportAnswer NotSent(absl::Status why) {
  TransportAnswer answer;
  answer.status = std::move(why);
  return answer;
}

absl::Status Wrong(absl::string_view option, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(option, ": ", why));
}

absl::Status ReadBaseUrl(const std::string& text, Upstream* upstream) {
  absl::StatusOr<WebhookUrl> url = ParseWebhookUrl(text);
  if (!url.ok()) return Wrong("base_url", url.status().message());
  if (absl::StrContains(url->path, '?')) {
    return Wrong("base_url", "a query does not belong in it");
  }
  while (absl::EndsWith(url->path, "/")) url->path.pop_back();
  upstream->base = *std::move(url);
  return absl::OkStatus();
}

absl::Status ReadProxy(absl::string_view text, Upstream* upstream) {
  if (text.empty()) return absl::OkStatus();
  std::string rest(text);
  const size_t scheme_end = rest.find("://");
  const size_t at = rest.rfind('@');
  if (scheme_end != std::string::npos && at != std::string::npos) {
    const size_t begin = scheme_end + 3;
    if (at < begin) return Wrong("proxy", "it is no URL");
    upstream->proxy_credentials =
        absl::Base64Escape(absl::string_view(rest).substr(begin, at - begin));
    rest.erase(begin, at + 1 - begin);
  }
  absl::StatusOr<WebhookUrl> url = ParseWebhookUrl(rest);
  if (!url.ok()) return Wrong("proxy", url.status().message());
  if (url->tls) return Wrong("proxy", "only http:// is spoken to a proxy");
  if (url->path != "/") return Wrong("proxy", "a path does not belong in it");
  upstream->proxy = *std::move(url);
  return absl::OkStatus();
}

HttpTransportOptions WithoutSecrets(const HttpTransportOptions& options) {
  HttpTransportOptions without = options;
  WipeText(&without.token);
  WipeText(&without.proxy);
  return without;
}

// In place, so that no copy of the secret is left behind.
void Blank(absl::string_view secret, std::string* text) {
  if (secret.empty()) return;
  constexpr absl::string_view kDots = "...";
  // Behind what was written: a secret may be of dots.
  for (size_t at = text->find(secret.data(), 0, secret.size());
       at != std::string::npos;
       at = text->find(secret.data(), at + kDots.size(), secret.size())) {
    text->replace(at, secret.size(), kDots.data(), kDots.size());
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpTransport>> HttpTransport::Create(
    Resolver& resolver, const HttpTransportOptions& options) {
  std::unique_ptr<HttpTransport> transport(new HttpTransport(options));
  Upstream& upstream = transport->upstream_;
  RETURN_IF_ERROR(ReadBaseUrl(options.base_url, &upstream));
  RETURN_IF_ERROR(ReadProxy(options.proxy, &upstream));
  upstream.connect_max = options.connect_max;
  upstream.idle_max = options.idle_max;
  upstream.limits = options.limits;
  upstream.resolver = &resolver;
  SSL_CTX* tls = SSL_CTX_new(TLS_client_method());
  upstream.tls = tls;
  SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
  SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, nullptr);
  const int trusted = options.ca_file.empty()
                          ? SSL_CTX_set_default_verify_paths(tls)
                          : SSL_CTX_load_verify_locations(
                                tls, options.ca_file.c_str(), nullptr);
  if (trusted != 1) {
    return Wrong("ca_file", absl::StrCat("no authorities can be read from ",
                                         options.ca_file));
  }
  upstream.cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (upstream.cancel_fd < 0) {
    return absl::ResourceExhaustedError("no file descriptor is left");
  }
  for (int i = 0; i < options.connections_max; ++i) {
    transport->threads_.emplace_back([raw = transport.get()] { raw->Run(); });
  }
  return transport;
}

HttpTransport::HttpTransport(const HttpTransportOptions& options)
    : options_(WithoutSecrets(options)), token_(options.token) {}

HttpTransport::~HttpTransport() {
  Close();
  for (std::thread& thread : threads_) thread.join();
  {
    MutexLock lock(mu_);
    idle_.clear();
  }
  SSL_CTX_free(upstream_.tls);
  if (upstream_.cancel_fd >= 0) close(upstream_.cancel_fd);
}

void HttpTransport::Send(TransportRequest request, Done done) {
  absl::Status refused;
  {
    MutexLock lock(mu_);
    if (closed_) {
      refused = absl::CancelledError("stopping");
    } else if (queue_.size() >= options_.waiting_max) {
      refused = absl::ResourceExhaustedError("too many requests wait");
    } else {
      const absl::Duration left =
          std::min(request.deadline - absl::Now(),
                   absl::FromChrono(options_.request_max));
      queue_.push_back({std::move(request),
                        steady_clock::now() + absl::ToChronoMilliseconds(left),
                        std::move(done)});
      work_waits_.Signal();
      return;
    }
  }
  done(NotSent(std::move(refused)));
}

void HttpTransport::Close() {
  std::deque<Job> dropped;
  {
    MutexLock lock(mu_);
    closed_ = true;
    dropped.swap(queue_);
    work_waits_.SignalAll();
  }
  if (upstream_.cancel_fd >= 0) eventfd_write(upstream_.cancel_fd, 1);
  for (Job& job : dropped) job.done(NotSent(absl::CancelledError("stopping")));
}

void HttpTransport::Run() {
  while (true) {
    Job job;
    std::unique_ptr<UpstreamConnection> connection;
    {
      MutexLock lock(mu_);
      while (queue_.empty() && !closed_) work_waits_.Wait(mu_);
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
      if (!idle_.empty()) {
        connection = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (connection == nullptr) {
      connection = std::make_unique<UpstreamConnection>(upstream_);
    }
    TransportAnswer answer = Exchange(*connection, job);
    {
      MutexLock lock(mu_);
      idle_.push_back(std::move(connection));
    }
    job.done(std::move(answer));
  }
}

TransportAnswer HttpTransport::Exchange(UpstreamConnection& connection,
                                        const Job& job) {
  if (steady_clock::now() >= job.deadline) {
    return NotSent(
        absl::DeadlineExceededError("no connection was free in time"));
  }
  std::string request = Request(job.request.call);
  TransportAnswer answer = connection.Exchange(request, job.deadline);
  WipeText(&request);
  // A platform that repeats what it was asked must not make it public.
  Blank(token_.view(), &answer.body);
  return answer;
}

std::string HttpTransport::Request(const RestCall& call) const {
  const WebhookUrl& base = upstream_.base;
  const bool get = call.verb == v1::GET;
  const bool to_proxy = upstream_.proxy && !base.tls;
  const std::string authority = base.Authority();
  std::string form = call.Form();
  std::string token = PercentEncoded(token_.view());
  form.reserve(form.size() + token.size() + 16);
  absl::StrAppend(&form, form.empty() ? "" : "&", "auth_token=", token);
  WipeText(&token);
  // Grown by no step below, so that wiping it wipes all.
  std::string request;
  request.reserve(form.size() + call.path.size() + base.path.size() +
                  2 * authority.size() + upstream_.proxy_credentials.size() +
                  512);
  absl::StrAppend(&request, get ? "GET " : "POST ", to_proxy ? "http://" : "",
                  to_proxy ? authority : "", base.path, "/", call.path,
                  get ? "?" : "");
  if (get) absl::StrAppend(&request, form);
  absl::StrAppend(&request, " HTTP/1.1\r\nHost: ", authority,
                  "\r\nUser-Agent: Chatgate\r\nAccept: application/json\r\n"
                  "Accept-Encoding: gzip\r\n");
  if (to_proxy && !upstream_.proxy_credentials.empty()) {
    absl::StrAppend(&request, "Proxy-Authorization: Basic ",
                    upstream_.proxy_credentials, "\r\n");
  }
  if (!get) {
    absl::StrAppend(&request,
                    "Content-Type: application/x-www-form-urlencoded\r\n"
                    "Content-Length: ",
                    form.size(), "\r\n");
  }
  absl::StrAppend(&request, "\r\n");
  if (!get) absl::StrAppend(&request, form);
  WipeText(&form);
  return request;
}

}  // namespace chatgate
