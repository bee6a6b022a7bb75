#include "client/responder/rule_watcher.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace chatgate {
namespace {

sigset_t Hangup() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  return signals;
}

}  // namespace

FileLook LookAtFile(const std::string& path) {
  struct stat seen;
  if (stat(path.c_str(), &seen) != 0) return {};
  return {static_cast<int64_t>(seen.st_dev), static_cast<int64_t>(seen.st_ino),
          seen.st_size, seen.st_mtim.tv_sec, seen.st_mtim.tv_nsec};
}

void BlockHangup() {
  const sigset_t signals = Hangup();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

RuleWatcher::RuleWatcher(std::string path, const FileLook& known,
                         std::function<void()> on_change, absl::Duration period)
    : path_(std::move(path)),
      on_change_(std::move(on_change)),
      period_(period),
      known_(known) {
  BlockHangup();
  const sigset_t signals = Hangup();
  wake_fd_ = eventfd(0, EFD_CLOEXEC);
  signal_fd_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  thread_ = std::thread([this] { Run(); });
}

RuleWatcher::~RuleWatcher() {
  const uint64_t one = 1;
  // An eventfd takes a first write always.
  if (write(wake_fd_, &one, sizeof(one)) == sizeof(one)) thread_.join();
  close(signal_fd_);
  close(wake_fd_);
}

void RuleWatcher::Run() {
  while (true) {
    pollfd fds[2] = {{signal_fd_, POLLIN, 0}, {wake_fd_, POLLIN, 0}};
    poll(fds, 2, static_cast<int>(absl::ToInt64Milliseconds(period_)));
    if ((fds[1].revents & POLLIN) != 0) return;
    signalfd_siginfo signal;
    const bool is_told = read(signal_fd_, &signal, sizeof(signal)) > 0;
    const FileLook seen = LookAtFile(path_);
    // A file that is away for a moment is being replaced.
    const bool is_changed = seen != known_ && seen != FileLook{};
    if (is_changed) known_ = seen;
    if (is_told || is_changed) on_change_();
  }
}

}  // namespace chatgate
