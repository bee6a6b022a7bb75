#include "client/responder/metrics_server.h"

#include <httplib.h>

#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

constexpr size_t kThreads = 2;
constexpr size_t kBodyBytesMax = 1 << 10;

}  // namespace

class MetricsServer::Impl {
 public:
  ~Impl() {
    server.stop();
    if (thread.joinable()) thread.join();
  }

  httplib::Server server;
  std::string address;
  std::atomic<bool> ended{false};
  std::thread thread;
};

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
MetricsServer::~MetricsServer() = default;

const std::string& MetricsServer::address() const { return impl_->address; }

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(
    const std::string& listen, std::function<std::string()> text) {
  const size_t colon = listen.rfind(':');
  int port = 0;
  if (colon == std::string::npos || colon == 0 ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", listen, "\" is not HOST:PORT"));
  }
  const std::string host = listen.substr(0, colon);
  auto impl = std::make_unique<Impl>();
  httplib::Server& server = impl->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_payload_max_length(kBodyBytesMax);
  server.set_read_timeout(5);
  server.set_write_timeout(5);
  server.set_tcp_nodelay(true);
  server.Get("/metrics", [text = std::move(text)](const httplib::Request&,
                                                  httplib::Response& response) {
    response.set_content(text(), "text/plain; version=0.0.4; charset=utf-8");
  });
  if (port == 0) {
    port = server.bind_to_any_port(host.c_str());
  } else if (!server.bind_to_port(host.c_str(), port)) {
    port = -1;
  }
  if (port < 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", listen));
  }
  impl->address = absl::StrCat(host, ":", port);
  impl->thread = std::thread([&server, &ended = impl->ended] {
    server.listen_after_bind();
    ended = true;
  });
  // A server that is stopped before it runs would run for ever.
  while (!server.is_running() && !impl->ended) std::this_thread::yield();
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(impl)));
}

}  // namespace chatgate
