#ifndef CHATGATE_WEBHOOK_SOCKET_STREAM_H_
#define CHATGATE_WEBHOOK_SOCKET_STREAM_H_

#include <string>

#include "absl/status/status.h"
#include "webhook/byte_stream.h"

namespace chatgate {

// A connected socket as a ByteStream. Borrows the socket.
// Threads: one at a time.
class SocketStream final : public ByteStream {
 public:
  explicit SocketStream(int socket) : socket_(socket) {}

  absl::StatusOr<size_t> Read(char* to, size_t size,
                              Deadline deadline) override;
  absl::Status Write(absl::string_view bytes, Deadline deadline) override;
  bool HasEnded() const override;

  // Ends the writing side and throws away what still comes, within the limits
  // for lingering: closed with unread bytes, the socket would answer with a
  // reset, which overtakes the answer that was just written.
  void Linger();

  // Address of the other side, such as `127.0.0.1`; empty when it is gone.
  std::string RemoteAddress() const;

 private:
  const int socket_;
  // Nothing more was there when last read: asking again would be in vain.
  bool is_drained_ = false;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_SOCKET_STREAM_H_
