#include "webhook/socket_stream.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "webhook/request_limits.h"

namespace chatgate {
namespace {

// OK once the socket can do what `events` says.
absl::Status WaitFor(int socket, short events, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return absl::DeadlineExceededError("too slow");
    pollfd entry = {socket, events, 0};
    const int ready = ::poll(
        &entry, 1, static_cast<int>(std::min<long>(left.count(), 60'000)));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) {
      return absl::UnavailableError("poll failed");
    }
  }
}

bool WouldBlock() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

absl::StatusOr<size_t> SocketStream::Read(char* to, size_t size,
                                          Deadline deadline) {
  for (;;) {
    if (is_drained_) {
      const absl::Status status = WaitFor(socket_, POLLIN, deadline);
      if (!status.ok()) return status;
    }
    // Bytes that are there do not move the deadline.
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError("too slow");
    }
    const ssize_t count = ::recv(socket_, to, size, MSG_DONTWAIT);
    is_drained_ = count < static_cast<ssize_t>(size);
    if (count >= 0) return static_cast<size_t>(count);
    if (!WouldBlock()) return absl::UnavailableError("connection is broken");
  }
}

absl::Status SocketStream::Write(absl::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(),
                                 MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
      continue;
    }
    if (!WouldBlock()) return absl::UnavailableError("connection is broken");
    if (absl::Status status = WaitFor(socket_, POLLOUT, deadline);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

bool SocketStream::HasEnded() const {
  // poll() would tell of a shutdown on our own side, too: a server that stops
  // ends reading first, and still has something to say.
  tcp_info info = {};
  socklen_t size = sizeof(info);
  return ::getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
         info.tcpi_state != TCP_ESTABLISHED;
}

void SocketStream::Linger() {
  ::shutdown(socket_, SHUT_WR);
  const Deadline deadline = DeadlineIn(kLingerTimeMax);
  std::array<char, 16 << 10> thrown_away;
  for (size_t total = 0; total < kLingerBytesMax;) {
    const absl::StatusOr<size_t> count =
        Read(thrown_away.data(), thrown_away.size(), deadline);
    if (!count.ok() || *count == 0) return;
    total += *count;
  }
}

std::string SocketStream::RemoteAddress() const {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  std::array<char, NI_MAXHOST> text = {};
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::getpeername(socket_, generic, &size) != 0 ||
      ::getnameinfo(generic, size, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) != 0) {
    return "";
  }
  return text.data();
}

}  // namespace chatgate
