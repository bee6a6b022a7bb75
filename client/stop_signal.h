#ifndef CHATGATE_CLIENT_STOP_SIGNAL_H_
#define CHATGATE_CLIENT_STOP_SIGNAL_H_

#include <signal.h>

#include <functional>
#include <thread>

namespace chatgate {

// Calls `on_stop` once, from a thread of its own, when the program gets SIGINT
// or SIGTERM; a second one ends the program at once.
//
// Threads: make it before any thread that should not receive the signals, and
// in main's thread; one at a time. `BlockStopSignals` first in main keeps them
// from threads that are made earlier.
// Lifetime: what `on_stop` uses outlives it. The destructor waits for a call
// that is under way.
class StopSignal {
 public:
  explicit StopSignal(std::function<void()> on_stop);
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

 private:
  int wake_fd_;    // Ends the thread.
  int signal_fd_;  // Where the signals arrive.
  std::thread thread_;
};

// Keeps SIGINT and SIGTERM from this thread and those it makes.
void BlockStopSignals();

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_STOP_SIGNAL_H_
