#include "tests/support/loopback_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace chatgate {
namespace {

// The bytes of the first whole request in `bytes`; 0: it is not whole yet.
size_t RequestSize(const std::string& bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  const std::string name = "Content-Length: ";
  const size_t length = bytes.find(name);
  size_t size = 0;
  if (length < end) {
    const size_t begin = length + name.size();
    if (!absl::SimpleAtoi(bytes.substr(begin, bytes.find('\r', begin) - begin),
                          &size)) {
      return 0;
    }
  }
  const size_t whole = end + 4 + size;
  return bytes.size() >= whole ? whole : 0;
}

}  // namespace

Peer::Peer(int fd, ssl_ctx_st* tls) : fd_(fd) {
  if (tls != nullptr) StartTls(tls);
}

Peer::~Peer() { SSL_free(tls_); }

bool Peer::StartTls(ssl_ctx_st* tls) {
  tls_ = SSL_new(tls);
  SSL_set_fd(tls_, fd_);
  open_ = SSL_accept(tls_) == 1;
  return open_;
}

bool Peer::Fill() {
  char buffer[4096];
  if (!open_) return false;
  const ssize_t size = tls_ == nullptr ? recv(fd_, buffer, sizeof(buffer), 0)
                                       : SSL_read(tls_, buffer, sizeof(buffer));
  if (size <= 0) {
    open_ = false;
    return false;
  }
  buffer_.append(buffer, static_cast<size_t>(size));
  return true;
}

std::string Peer::ReadRequest() {
  size_t size = 0;
  while ((size = RequestSize(buffer_)) == 0) {
    if (!Fill()) return "";
  }
  const std::string request = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return request;
}

std::string Peer::ReadBytes(size_t size) {
  while (buffer_.size() < size && Fill()) continue;
  const std::string bytes = buffer_.substr(0, size);
  buffer_.erase(0, bytes.size());
  return bytes;
}

bool Peer::Write(absl::string_view bytes) {
  if (!open_) return false;
  while (!bytes.empty()) {
    const ssize_t sent =
        tls_ == nullptr
            ? send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
            : SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()));
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool Peer::WriteAtOnce(const std::vector<std::string>& pieces) {
  const int on = 1;
  const int off = 0;
  setsockopt(fd_, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
  bool written = true;
  for (const std::string& piece : pieces) written = written && Write(piece);
  setsockopt(fd_, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
  return written;
}

bool Peer::Ends(absl::Duration patience) {
  const absl::Time until = absl::Now() + patience;
  while (open_) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    pollfd waiting = {fd_, POLLIN, 0};
    const int ms = static_cast<int>(absl::ToInt64Milliseconds(left)) + 1;
    if (poll(&waiting, 1, ms) > 0) Fill();
    buffer_.clear();
  }
  return true;
}

LoopbackServer::LoopbackServer(Script script, ssl_ctx_st* tls)
    : script_(std::move(script)), tls_(tls) {
  signal(SIGPIPE, SIG_IGN);  // Of this test's OpenSSL.
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  listen(listener_, 128);
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Run(); });
}

LoopbackServer::~LoopbackServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  std::vector<std::thread> threads;
  {
    MutexLock lock(mu_);
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
}

int LoopbackServer::connections() const {
  MutexLock lock(mu_);
  return connections_;
}

void LoopbackServer::Run() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    MutexLock lock(mu_);
    ++connections_;
    open_.insert(fd);
    threads_.emplace_back([this, fd] {
      {
        Peer peer(fd, tls_);
        script_(peer);
      }
      MutexLock lock(mu_);
      open_.erase(fd);
      close(fd);
    });
  }
}

std::string HttpText(int status, absl::string_view body,
                     absl::string_view more_headers) {
  return absl::StrCat("HTTP/1.1 ", status,
                      " X\r\nContent-Length: ", body.size(), "\r\n",
                      more_headers, "\r\n", body);
}

LoopbackServer::Script AnswerAll(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer) {
    while (!peer.ReadRequest().empty()) {
      if (!peer.Write(bytes)) return;
    }
  };
}

}  // namespace chatgate
