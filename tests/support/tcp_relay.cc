#include "tests/support/tcp_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"

namespace chatgate {
namespace {

// Of a test that has no network there is nothing left to say.
int OrDie(int result, const char* what) {
  if (result >= 0) return result;
  std::perror(what);
  std::abort();
}

sockaddr_in AddressOf(const std::string& server) {
  const size_t colon = server.rfind(':');
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  int port = 0;
  if (inet_pton(AF_INET, server.substr(0, colon).c_str(), &address.sin_addr) !=
          1 ||
      !absl::SimpleAtoi(server.substr(colon + 1), &port)) {
    OrDie(-1, "address of the server");
  }
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// One thread carries for all, with blocking writes: what is on its way is
// little.
class PollingRelay final : public TcpRelay {
 public:
  explicit PollingRelay(const std::string& server)
      : server_(AddressOf(server)),
        wake_(OrDie(eventfd(0, EFD_CLOEXEC), "eventfd")),
        listener_(
            OrDie(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
    sockaddr_in address = AddressOf("127.0.0.1:0");
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    OrDie(bind(listener_, any, size), "bind");
    OrDie(listen(listener_, SOMAXCONN), "listen");
    OrDie(getsockname(listener_, any, &size), "getsockname");
    address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
    thread_ = std::thread([this] { Carry(); });
  }

  ~PollingRelay() override {
    Freeze();
    for (const auto& [client, server] : pairs_) {
      close(client);
      close(server);
    }
    close(listener_);
    close(wake_);
  }

  const std::string& address() const override { return address_; }

  void Freeze() override {
    MutexLock lock(mu_);
    if (!thread_.joinable()) return;
    const uint64_t one = 1;
    OrDie(static_cast<int>(write(wake_, &one, sizeof(one))), "eventfd");
    thread_.join();
  }

 private:
  void Carry() {
    while (true) {
      std::vector<pollfd> all = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const auto& [from, to] : ways_) all.push_back({from, POLLIN, 0});
      OrDie(poll(all.data(), all.size(), -1), "poll");
      if (all[0].revents != 0) return;
      // Before Connect adds to them.
      for (size_t i = 2; i < all.size(); ++i) {
        if (all[i].revents != 0) CarryOne(ways_[i - 2]);
      }
      if (all[1].revents != 0) Connect();
      std::erase_if(ways_, [](const Way& way) { return way.first < 0; });
    }
  }

  using Way = std::pair<int, int>;  // From, negative once it has ended, and to.

  void Connect() {
    const int client =
        OrDie(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), "accept");
    const int server =
        OrDie(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    OrDie(connect(server, reinterpret_cast<const sockaddr*>(&server_),
                  sizeof(server_)),
          "connect");
    pairs_.emplace_back(client, server);
    ways_.emplace_back(client, server);
    ways_.emplace_back(server, client);
  }

  static void CarryOne(Way& way) {
    char bytes[16384];
    const ssize_t size = recv(way.first, bytes, sizeof(bytes), 0);
    if (size <= 0) {
      shutdown(way.second, SHUT_WR);
      way.first = -1;
      return;
    }
    for (ssize_t sent = 0; sent < size;) {
      const ssize_t more = send(way.second, bytes + sent,
                                static_cast<size_t>(size - sent), MSG_NOSIGNAL);
      if (more < 0) return;  // Its own way will tell.
      sent += more;
    }
  }

  const sockaddr_in server_;
  const int wake_;
  const int listener_;
  std::string address_;
  // Of the thread, while it runs.
  std::vector<Way> pairs_;
  std::vector<Way> ways_;

  Mutex mu_;
  std::thread thread_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

std::unique_ptr<TcpRelay> TcpRelay::Start(const std::string& server) {
  return std::make_unique<PollingRelay>(server);
}

}  // namespace chatgate
