#ifndef CHATGATE_TESTS_BENCH_SOCKET_LOOP_H_
#define CHATGATE_TESTS_BENCH_SOCKET_LOOP_H_

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chatgate {

// SocketLoop plays many connections from one thread, each with one request
// under way.
class SocketLoop {
 public:
  // By the connection's number.
  using Send = std::function<absl::Status(size_t connection)>;
  // True when the answer is whole.
  using Receive = std::function<absl::StatusOr<bool>(size_t connection)>;

  SocketLoop();
  ~SocketLoop();
  SocketLoop(const SocketLoop&) = delete;
  SocketLoop& operator=(const SocketLoop&) = delete;

  // Numbers begin with 0, without a hole. The socket stays its owner's.
  void Watch(int socket, size_t connection);

  // Sends on every connection, and again after each answer until `time` has
  // passed; waits for the last ones. How long it took in all.
  absl::StatusOr<absl::Duration> Run(absl::Duration time, const Send& send,
                                     const Receive& receive);

  // Receives what is there, waiting at most `patience`. How many connections
  // had something.
  absl::StatusOr<int> Take(absl::Duration patience,
                           const std::function<absl::Status(size_t)>& on_ready);

 private:
  const int epoll_;
  size_t connections_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_SOCKET_LOOP_H_
