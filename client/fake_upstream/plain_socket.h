#ifndef CHATGATE_CLIENT_FAKE_UPSTREAM_PLAIN_SOCKET_H_
#define CHATGATE_CLIENT_FAKE_UPSTREAM_PLAIN_SOCKET_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// One message of HTTP/1.1 as it came: head, and the body that its
// Content-Length announced.
struct HttpBytes {
  std::string head;  // With the empty line that ends it.
  std::string body;

  std::string Whole() const { return head + body; }
};

// PlainSocket is one end of a TCP connection, read message by message.
//
// Threads: one at a time; ShutDown from any, which ends what another waits for.
class PlainSocket {
 public:
  explicit PlainSocket(int fd) : fd_(fd) {}
  ~PlainSocket();
  PlainSocket(const PlainSocket&) = delete;
  PlainSocket& operator=(const PlainSocket&) = delete;

  // A connection to `host`, an address in digits or a name.
  static absl::StatusOr<int> Connect(const std::string& host, uint16_t port);

  // The next message. OUT_OF_RANGE: the other side has ended the connection
  // between two. INVALID_ARGUMENT: no HTTP, too large, or a body without a
  // Content-Length. UNAVAILABLE: it ended in the middle.
  absl::StatusOr<HttpBytes> ReadMessage();

  // False when the other side has gone.
  bool Write(absl::string_view bytes);
  void ShutDown();

 private:
  bool Fill();

  const int fd_;
  std::string buffer_;  // Read, not yet handed out.
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_FAKE_UPSTREAM_PLAIN_SOCKET_H_
