#ifndef CHATGATE_SERVER_CONFIG_LISTEN_ADDRESS_H_
#define CHATGATE_SERVER_CONFIG_LISTEN_ADDRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// `HOST:PORT`, where a host with colons stands in brackets: `[::1]:8080`.
struct ListenAddress {
  std::string host;  // Without brackets.
  uint16_t port = 0;

  // INVALID_ARGUMENT: no host, or no port from 0 to 65535.
  static absl::StatusOr<ListenAddress> Parse(absl::string_view text);

  // Reached from this machine alone: 127.0.0.0/8, ::1 or `localhost`.
  bool IsLoopback() const;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_CONFIG_LISTEN_ADDRESS_H_
