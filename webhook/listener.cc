#include "webhook/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/countdown.h"
#include "server/base/log.h"
#include "webhook/refused_connections.h"
#include "webhook/request_limits.h"

namespace chatgate {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* first) const { ::freeaddrinfo(first); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

absl::StatusOr<Addresses> Resolve(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  int port = 0;
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", listen, "\" is not HOST:PORT"));
  }
  std::string host = listen.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* first = nullptr;
  if (int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                absl::StrCat(port).c_str(), &hints, &first);
      error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", listen, "\": ", ::gai_strerror(error)));
  }
  return Addresses(first);
}

bool IsLoopback(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
  }
  if (address->sa_family != AF_INET6) return false;
  const in6_addr& v6 =
      reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&v6) ||
         (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

int PortOf(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  // The port is at the same place in both families.
  return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

// A socket that listens, or -1 with errno set.
int ListenOn(const addrinfo& address) {
  const int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const int on = 1;
  // A restart need not wait for old connections; REUSEPORT would let a second
  // gateway share the port in silence.
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(socket, address.ai_addr, address.ai_addrlen) == 0 &&
      ::listen(socket, kListenBacklog) == 0) {
    return socket;
  }
  const int error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(
    const std::string& listen, bool loopback_only) {
  absl::StatusOr<Addresses> addresses = Resolve(listen);
  if (!addresses.ok()) return addresses.status();
  for (const addrinfo* each = addresses->get(); each != nullptr;
       each = each->ai_next) {
    if (loopback_only && !IsLoopback(each->ai_addr)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", listen, "\" is not a loopback address; put a proxy that ends ",
          "TLS before it and say `insecure: true`"));
    }
  }
  const int socket = ListenOn(**addresses);
  if (socket < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listen, ": ", std::strerror(errno)));
  }
  const int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) {
    ::close(socket);
    return absl::UnavailableError("no file descriptors are left");
  }
  return std::unique_ptr<Listener>(new Listener(socket, wake, PortOf(socket)));
}

Listener::~Listener() {
  Stop();
  ::close(socket_);
  ::close(wake_);
}

void Listener::Start(Serve serve, std::function<void()> refused) {
  thread_ =
      std::thread([this, serve = std::move(serve),
                   refused = std::move(refused)] { Run(serve, refused); });
}

void Listener::Stop() {
  if (!thread_.joinable()) return;
  // Cannot fail: the counter is far from its limit.
  (void)::eventfd_write(wake_, 1);
  thread_.join();
  // Whoever is in the backlog learns at once that nobody will come.
  ::shutdown(socket_, SHUT_RDWR);
}

void Listener::Run(const Serve& serve, const std::function<void()>& refused) {
  RefusedConnections telling;
  Countdown noted(absl::ZeroDuration());  // The log is told once a minute.
  for (;;) {
    std::vector<pollfd> entries = {{wake_, POLLIN, 0}, {socket_, POLLIN, 0}};
    telling.AppendTo(&entries);
    ::poll(entries.data(), entries.size(), telling.empty() ? -1 : 100);
    if (entries[0].revents != 0) return;
    telling.Tend();
    if (entries[1].revents == 0) continue;
    const int socket = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
          errno == ENOMEM) {
        if (noted.IsOver()) {
          LogError("cannot accept", {{"reason", std::strerror(errno)}});
          noted = Countdown(absl::Minutes(1));
        }
        ::poll(entries.data(), 1, 100);  // Others must end first.
      }
      continue;  // Anything else is that sender's trouble alone.
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (!serve(socket)) {
      refused();
      telling.Add(socket);
    }
  }
}

}  // namespace chatgate
