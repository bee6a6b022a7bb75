#include "client/stop_signal.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace chatgate {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// True when a signal has arrived, false when the wait was ended.
bool AwaitSignal(int signal_fd, int wake_fd) {
  pollfd fds[2] = {{signal_fd, POLLIN, 0}, {wake_fd, POLLIN, 0}};
  while (poll(fds, 2, -1) < 0) {
    // Only EINTR is possible here.
  }
  return (fds[1].revents & POLLIN) == 0;
}

}  // namespace

void BlockStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

StopSignal::StopSignal(std::function<void()> on_stop) {
  BlockStopSignals();
  const sigset_t signals = StopSignals();
  wake_fd_ = eventfd(0, EFD_CLOEXEC);
  signal_fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
  thread_ = std::thread([this, on_stop = std::move(on_stop), signals] {
    if (!AwaitSignal(signal_fd_, wake_fd_)) return;
    signalfd_siginfo seen;
    if (read(signal_fd_, &seen, sizeof(seen)) < 0) return;
    // From now on the signals do what they always do, to this thread.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    on_stop();
    AwaitSignal(wake_fd_, wake_fd_);
  });
}

StopSignal::~StopSignal() {
  const uint64_t one = 1;
  // An eventfd takes a first write always.
  if (write(wake_fd_, &one, sizeof(one)) == sizeof(one)) thread_.join();
  close(signal_fd_);
  close(wake_fd_);
}

}  // namespace chatgate
