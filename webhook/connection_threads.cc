#include "webhook/connection_threads.h"

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <system_error>

#include "server/base/log.h"

namespace chatgate {

bool ConnectionThreads::TryServe(int socket) {
  MutexLock lock(mu_);
  if (stopping_ || open_.size() >= connections_max_) return false;
  if (idle_ == waiting_.size()) {
    try {
      threads_.emplace_back([this] { Work(); });
    } catch (const std::system_error& error) {
      // The machine's limit is below ours: one connection less, not a crash.
      LogError("no thread for a connection", {{"reason", error.what()}});
      return false;
    }
    ++idle_;  // On the new thread's behalf, so that this socket is its own.
  }
  open_.insert(socket);
  waiting_.push_back(socket);
  work_.Signal();
  return true;
}

void ConnectionThreads::Stop(absl::Duration grace) {
  std::vector<std::thread> threads;
  {
    MutexLock lock(mu_);
    stopping_ = true;
    work_.SignalAll();
    ShutDownAll(SHUT_RD);
    const auto give_up =
        std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(grace);
    while (!open_.empty()) {
      const auto left = give_up - std::chrono::steady_clock::now();
      if (left.count() <= 0) break;
      ended_.WaitFor(mu_, absl::FromChrono(left));
    }
    ShutDownAll(SHUT_RDWR);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
}

size_t ConnectionThreads::open() const {
  MutexLock lock(mu_);
  return open_.size();
}

void ConnectionThreads::Work() {
  for (;;) {
    int socket = -1;
    {
      MutexLock lock(mu_);
      while (waiting_.empty() && !stopping_) work_.Wait(mu_);
      if (waiting_.empty()) return;
      socket = waiting_.front();
      waiting_.pop_front();
      --idle_;
    }
    serve_(socket);
    {
      MutexLock lock(mu_);
      open_.erase(socket);
      ::close(socket);
      ++idle_;
      ended_.Signal();
    }
  }
}

void ConnectionThreads::ShutDownAll(int how) {
  for (const int socket : open_) ::shutdown(socket, how);
}

}  // namespace chatgate
