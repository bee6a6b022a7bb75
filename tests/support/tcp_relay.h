#ifndef CHATGATE_TESTS_SUPPORT_TCP_RELAY_H_
#define CHATGATE_TESTS_SUPPORT_TCP_RELAY_H_

#include <memory>
#include <string>

namespace chatgate {

// TcpRelay carries bytes between clients and a server on loopback, until it is
// told to fall silent: then connections stay open, but nothing comes through,
// as when a machine has lost its power.
//
// Threads: every method may be called from any thread.
class TcpRelay {
 public:
  // `server`: `HOST:PORT` with a numeric IPv4 host. Dies where it cannot
  // listen.
  static std::unique_ptr<TcpRelay> Start(const std::string& server);

  // Cuts what is open.
  virtual ~TcpRelay() = default;

  // Where clients connect to: `HOST:PORT`.
  virtual const std::string& address() const = 0;

  // From when it returns nothing more is carried, either way.
  virtual void Freeze() = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SUPPORT_TCP_RELAY_H_
