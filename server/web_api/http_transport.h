#ifndef CHATGATE_SERVER_WEB_API_HTTP_TRANSPORT_H_
#define CHATGATE_SERVER_WEB_API_HTTP_TRANSPORT_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/mutex.h"
#include "server/base/secret_bytes.h"
#include "server/web_api/transport.h"
#include "server/web_api/upstream_connection.h"

namespace chatgate {

struct HttpTransportOptions {
  std::string base_url;  // `https://HOST[:PORT]/PATH`.
  std::string token;     // Travels as `auth_token`. Wiped by who gave it.
  std::string proxy;     // `http://[USER:PASSWORD@]HOST:PORT`, or empty.
  std::string ca_file;   // PEM; empty: the authorities the machine trusts.
  std::chrono::milliseconds connect_max{5'000};
  std::chrono::milliseconds request_max{20'000};  // Connecting included.
  std::chrono::milliseconds idle_max{30'000};     // Of a kept connection.
  int connections_max = 8;
  size_t waiting_max = 1000;
  AnswerLimits limits;
};

// HttpTransport speaks HTTP/1.1 to one platform, over at most `connections_max`
// connections that are kept open, each request on a thread of its own pool.
//
// Secrets: the token is kept once, outside of core dumps; in answers it is
//          blanked, buffers that held it are wiped.
class HttpTransport final : public Transport {
 public:
  // INVALID_ARGUMENT: which option cannot be used; says nothing of a secret.
  static absl::StatusOr<std::unique_ptr<HttpTransport>> Create(
      Resolver& resolver, const HttpTransportOptions& options);
  // Closes, and waits for what is under way.
  ~HttpTransport() override;

  void Send(TransportRequest request, Done done) override
      ABSL_LOCKS_EXCLUDED(mu_);
  void Close() override ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Job {
    TransportRequest request;
    WaitLimits::Time deadline;
    Done done;
  };

  explicit HttpTransport(const HttpTransportOptions& options);

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  TransportAnswer Exchange(UpstreamConnection& connection, const Job& job);
  std::string Request(const RestCall& call) const;

  const HttpTransportOptions options_;  // Without its secrets.
  const SecretBytes token_;
  Upstream upstream_;  // Immutable once created.

  Mutex mu_;
  CondVar work_waits_;
  std::deque<Job> queue_ ABSL_GUARDED_BY(mu_);
  // The one used last is used next, so that few stay open.
  std::vector<std::unique_ptr<UpstreamConnection>> idle_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_HTTP_TRANSPORT_H_
