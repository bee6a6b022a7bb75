#include "client/fake_upstream/plain_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace chatgate {
namespace {

constexpr size_t kHeadBytesMax = 64 << 10;
constexpr size_t kBodyBytesMax = 16 << 20;
constexpr size_t kReadBytes = 16 << 10;

struct FreeAddresses {
  void operator()(addrinfo* first) const { ::freeaddrinfo(first); }
};

// The value of Content-Length; 0 where there is none.
absl::StatusOr<size_t> BodyBytes(absl::string_view head) {
  size_t length = 0;
  for (absl::string_view line : absl::StrSplit(head, "\r\n")) {
    const std::pair<absl::string_view, absl::string_view> header =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (absl::EqualsIgnoreCase(header.first, "transfer-encoding")) {
      return absl::InvalidArgumentError("a body in chunks is not understood");
    }
    if (absl::EqualsIgnoreCase(header.first, "content-length") &&
        !absl::SimpleAtoi(absl::StripAsciiWhitespace(header.second), &length)) {
      return absl::InvalidArgumentError("a Content-Length that is no number");
    }
  }
  if (length > kBodyBytesMax) {
    return absl::InvalidArgumentError("a body of more than 16 MiB");
  }
  return length;
}

}  // namespace

PlainSocket::~PlainSocket() { ::close(fd_); }

absl::StatusOr<int> PlainSocket::Connect(const std::string& host,
                                         uint16_t port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat(host, ": ", ::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    const int fd = ::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    if (::connect(fd, each->ai_addr, each->ai_addrlen) == 0) {
      const int yes = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
      return fd;
    }
    ::close(fd);
  }
  return absl::UnavailableError(
      absl::StrCat(host, ":", port, " takes no connection"));
}

bool PlainSocket::Fill() {
  char bytes[kReadBytes];
  const ssize_t count = ::recv(fd_, bytes, sizeof(bytes), 0);
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(count));
  return true;
}

absl::StatusOr<HttpBytes> PlainSocket::ReadMessage() {
  size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (buffer_.size() > kHeadBytesMax) {
      return absl::InvalidArgumentError("a head of more than 64 KiB");
    }
    const bool between = buffer_.empty();
    if (Fill()) continue;
    if (between) return absl::OutOfRangeError("the connection has ended");
    return absl::UnavailableError("the connection broke off in a head");
  }
  HttpBytes message;
  message.head = buffer_.substr(0, end + 4);
  buffer_.erase(0, end + 4);
  const absl::StatusOr<size_t> length = BodyBytes(message.head);
  if (!length.ok()) return length.status();
  while (buffer_.size() < *length) {
    if (!Fill()) {
      return absl::UnavailableError("the connection broke off in a body");
    }
  }
  message.body = buffer_.substr(0, *length);
  buffer_.erase(0, *length);
  return message;
}

bool PlainSocket::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

void PlainSocket::ShutDown() { ::shutdown(fd_, SHUT_RDWR); }

}  // namespace chatgate
