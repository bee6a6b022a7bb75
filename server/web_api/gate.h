#ifndef CHATGATE_SERVER_WEB_API_GATE_H_
#define CHATGATE_SERVER_WEB_API_GATE_H_

#include "server/base/mutex.h"

namespace chatgate {

// Gate lets threads use something until it is closed, and closing waits until
// all have left.
//
//   if (Gate::Pass pass(gate); pass) timer.RunAt(...);
//
// Threads: any. A thread that is inside may enter again, and must not close.
class Gate {
 public:
  class Pass {
   public:
    explicit Pass(Gate& gate) : gate_(gate), open_(gate.Enter()) {}
    ~Pass() {
      if (open_) gate_.Leave();
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    explicit operator bool() const { return open_; }

   private:
    Gate& gate_;
    const bool open_;
  };

  void Close() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    closed_ = true;
    while (inside_ > 0) left_.Wait(mu_);
  }

 private:
  bool Enter() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (closed_) return false;
    ++inside_;
    return true;
  }
  void Leave() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (--inside_ == 0 && closed_) left_.SignalAll();
  }

  Mutex mu_;
  CondVar left_;
  int inside_ ABSL_GUARDED_BY(mu_) = 0;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_GATE_H_
