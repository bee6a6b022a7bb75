#ifndef CHATGATE_SERVER_OUTBOX_RESOLVER_H_
#define CHATGATE_SERVER_OUTBOX_RESOLVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/outbox/address.h"

namespace chatgate {

// Finds the addresses of a host. Threads: any.
class Resolver {
 public:
  // At least one address, in the order to try them.
  using Addresses = absl::StatusOr<std::vector<SocketAddress>>;

  virtual ~Resolver() = default;
  // May take as long as the machine's own limits for name service allow.
  virtual Addresses Resolve(const std::string& host, uint16_t port) = 0;
  // Ends every look-up under way, and all later ones, with CANCELLED.
  virtual void Cancel() = 0;
};

// One that asks `look_up`, for names alone, on a thread of each look-up's own.
// What is cancelled goes on there unheard, to its end.
using LookUp =
    std::function<Resolver::Addresses(const std::string& host, uint16_t port)>;
std::unique_ptr<Resolver> MakeResolver(LookUp look_up);

// The machine's own.
std::unique_ptr<Resolver> MakeSystemResolver();

}  // namespace chatgate

#endif  // CHATGATE_SERVER_OUTBOX_RESOLVER_H_
