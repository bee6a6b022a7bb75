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

// The library lets five connections wait to be accepted: of hundreds that come
// at once most would be tried again after a second, or three.
class BurstServer final : public httplib::Server {
 public:
  void AcceptBursts() { ::listen(svr_sock_, SOMAXCONN); }
};

}  // namespace

struct BareHttp::Server {
  BurstServer server;
  std::thread thread;
};

BareHttp::BareHttp() : server_(std::make_unique<Server>()) {
  BurstServer& server = server_->server;
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(kRequestsMax);
  server.set_keep_alive_timeout(kRestSecondsMax);
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.Post("/webhooks/dashly",
              [](const httplib::Request&, httplib::Response& response) {
                response.set_content("ok\n", "text/plain");
              });
  address_ = absl::StrCat("127.0.0.1:", server.bind_to_any_port("127.0.0.1"));
  server.AcceptBursts();
  server_->thread = std::thread([&server] { server.listen_after_bind(); });
}

BareHttp::~BareHttp() {
  server_->server.stop();
  server_->thread.join();
}

}  // namespace chatgate
