#ifndef CHATGATE_TESTS_CLIENT_FAKE_WAITER_H_
#define CHATGATE_TESTS_CLIENT_FAKE_WAITER_H_

#include <chrono>
#include <vector>

#include "absl/time/time.h"
#include "client/waiter.h"
#include "server/base/mutex.h"

namespace chatgate {

// Waits without time passing: a backoff is over at once and remembered, silence
// lasts until it is told to be over. With HoldBackoffs a backoff lasts until it
// is woken. Its clock stands still until told to move.
class FakeWaiter final : public Waiter {
 public:
  bool Wait(Reason reason, absl::Duration at_most, CondVar& changed,
            Mutex& mu) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    if (reason == Reason::kBackoff) {
      MutexLock lock(mu_);
      backoffs_.push_back(at_most);
      began_.SignalAll();
      if (!hold_backoffs_) return false;
    } else if (TakeSilence(at_most)) {
      return false;
    }
    // Often enough to see what the test has said since.
    changed.WaitFor(mu, absl::Milliseconds(5));
    return true;
  }

  std::chrono::steady_clock::time_point Now() override
      ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return now_;
  }
  void Advance(absl::Duration by) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    now_ += absl::ToChronoNanoseconds(by);
  }

  void HoldBackoffs() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    hold_backoffs_ = true;
  }
  // The next, or present, wait for the server lasts its whole time.
  void EndSilence() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    silence_over_ = true;
  }
  std::vector<absl::Duration> backoffs() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return backoffs_;
  }
  // How long the last silence that was over had lasted.
  absl::Duration silence() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return silence_;
  }
  void AwaitBackoff() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (backoffs_.empty()) began_.Wait(mu_);
  }

 private:
  bool TakeSilence(absl::Duration at_most) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (!silence_over_) return false;
    silence_over_ = false;
    silence_ = at_most;
    return true;
  }

  mutable Mutex mu_;
  CondVar began_;
  std::chrono::steady_clock::time_point now_ ABSL_GUARDED_BY(mu_);
  bool hold_backoffs_ ABSL_GUARDED_BY(mu_) = false;
  bool silence_over_ ABSL_GUARDED_BY(mu_) = false;
  absl::Duration silence_ ABSL_GUARDED_BY(mu_);
  std::vector<absl::Duration> backoffs_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_CLIENT_FAKE_WAITER_H_
