#include "server/outbox/resolver.h"

#include <netdb.h>

#include <cstring>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"

namespace chatgate {
namespace {

using Addresses = Resolver::Addresses;

Addresses AskSystem(const std::string& host, uint16_t port) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string service = absl::StrCat(port);
  const int code = getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
  if (code != 0) {
    return absl::UnavailableError(
        absl::StrCat("the host was not found: ", gai_strerror(code)));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr;
       entry = entry->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(found);
  return addresses;
}

// getaddrinfo cannot be interrupted, and takes tens of seconds where no name
// service answers: so it runs on a thread that nobody has to wait for.
class BackgroundResolver final : public Resolver {
 public:
  explicit BackgroundResolver(LookUp look_up) : look_up_(std::move(look_up)) {}

  Addresses Resolve(const std::string& host, uint16_t port) override {
    MutexLock lock(state_->mu);
    if (state_->cancelled) return absl::CancelledError("stopping");
    // Addresses in digits need no name service.
    if (const absl::StatusOr<SocketAddress> address =
            SocketAddress::FromDigits(host, port);
        address.ok()) {
      return std::vector<SocketAddress>{*address};
    }
    const auto found = std::make_shared<std::optional<Addresses>>();
    try {
      std::thread([state = state_, look_up = look_up_, found, host, port] {
        Addresses addresses = look_up(host, port);
        MutexLock lock(state->mu);
        *found = std::move(addresses);
        state->changed.SignalAll();
      }).detach();
    } catch (const std::system_error&) {
      return absl::ResourceExhaustedError("no thread is left to look up");
    }
    while (!*found && !state_->cancelled) state_->changed.Wait(state_->mu);
    if (!*found) return absl::CancelledError("stopping");
    return *std::move(*found);
  }

  void Cancel() override {
    MutexLock lock(state_->mu);
    state_->cancelled = true;
    state_->changed.SignalAll();
  }

 private:
  // What the threads have, too. The mutex guards every look-up's result.
  struct State {
    Mutex mu;
    CondVar changed;
    bool cancelled ABSL_GUARDED_BY(mu) = false;
  };
  const LookUp look_up_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace

std::unique_ptr<Resolver> MakeResolver(LookUp look_up) {
  return std::make_unique<BackgroundResolver>(std::move(look_up));
}

std::unique_ptr<Resolver> MakeSystemResolver() {
  return MakeResolver(AskSystem);
}

}  // namespace chatgate
