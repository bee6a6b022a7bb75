#ifndef CHATGATE_WEBHOOK_LISTENER_H_
#define CHATGATE_WEBHOOK_LISTENER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"

namespace chatgate {

// Accepts TCP connections on one address. The library's own listener shares its
// port with any other process (SO_REUSEPORT), queues five connections, and ends
// for good on an error of accept() such as a sender that has gone again.
class Listener {
 public:
  // Serves the socket, or returns false to have it refused. Must not block.
  using Serve = std::function<bool(int socket)>;

  // `listen` is `HOST:PORT` or `[HOST]:PORT`. INVALID_ARGUMENT: it is no
  // address, or not a loopback one and `loopback_only`. UNAVAILABLE: it is
  // taken.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(
      const std::string& listen, bool loopback_only);

  ~Listener();

  int port() const { return port_; }

  // Begins to accept, on a thread of its own; `refused` is told of each that
  // `serve` did not take.
  void Start(Serve serve, std::function<void()> refused);

  // Accepts no more. Returns when the thread has ended.
  void Stop();

 private:
  Listener(int socket, int wake, int port)
      : socket_(socket), wake_(wake), port_(port) {}
  void Run(const Serve& serve, const std::function<void()>& refused);

  const int socket_;
  const int wake_;  // Readable: stop.
  const int port_;
  std::thread thread_;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_LISTENER_H_
