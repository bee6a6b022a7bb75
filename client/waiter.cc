#include "client/waiter.h"

namespace chatgate {
namespace {

class SystemWaiter final : public Waiter {
 public:
  bool Wait(Reason /*reason*/, absl::Duration at_most, CondVar& changed,
            Mutex& mu) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    return changed.WaitFor(mu, at_most);
  }
  std::chrono::steady_clock::time_point Now() override {
    return std::chrono::steady_clock::now();
  }
};

}  // namespace

Waiter& Waiter::System() {
  static SystemWaiter waiter;
  return waiter;
}

}  // namespace chatgate
