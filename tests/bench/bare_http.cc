#include "tests/bench/bare_http.h"

#include <httplib.h>

#include <ctime>
#include <thread>

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

constexpr size_t kThreads = 300;  // More than any row has connections.
constexpr size_t kRequestsMax = 1'000'000'000;
// Connections rest while the other side of the pair has its turn.
constexpr time_t kRestSecondsMax = 3'600;

}  // namespace

struct BareHttp::Server {
  httplib::Server server;
  std::thread thread;
};

BareHttp::BareHttp() : server_(std::make_unique<Server>()) {
  httplib::Server& server = server_->server;
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(kRequestsMax);
  server.set_keep_alive_timeout(kRestSecondsMax);
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.Post("/webhooks/dashly",
              [](const httplib::Request&, httplib::Response& response) {
                response.set_content("ok\n", "text/plain");
              });
  address_ = absl::StrCat("127.0.0.1:", server.bind_to_any_port("127.0.0.1"));
  server_->thread = std::thread([&server] { server.listen_after_bind(); });
}

BareHttp::~BareHttp() {
  server_->server.stop();
  server_->thread.join();
}

}  // namespace chatgate
