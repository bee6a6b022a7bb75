#ifndef CHATGATE_SERVER_OUTBOX_ADDRESS_H_
#define CHATGATE_SERVER_OUTBOX_ADDRESS_H_

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace chatgate {

// An IP address with a port, ready to connect to.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t length = 0;

  // Nothing where `host` is a name rather than an address in digits.
  static absl::StatusOr<SocketAddress> FromDigits(const std::string& host,
                                                  uint16_t port);

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
  std::string ToString() const;  // Without the port.
};

// True where everybody on the internet means the same machine by it. False for
// private, loopback, link-local (so also the clouds' metadata service), shared
// (CGNAT), unique-local, multicast, documentation and reserved addresses, and
// for IPv6 addresses that hold such an IPv4 address.
bool IsPublic(const SocketAddress& address);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_ADDRESS_H_
