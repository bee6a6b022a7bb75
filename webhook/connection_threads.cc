#include "webhook/connection_threads.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "server/base/countdown.h"
#include "server/base/log.h"

namespace chatgate {
namespace {

constexpr absl::Duration kReclaimNever = absl::Hours(24 * 365);

}  // namespace

bool ConnectionThreads::TryServe(int socket) {
  MutexLock lock(mu_);
  if (stopping_) return false;
  // What was reclaimed is as good as gone.
  if (open_.size() - reclaimed_ >= connections_max_ && !Reclaim()) return false;
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
  waiting_.push_back(&open_.try_emplace(socket, socket).first->second);
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
    const Countdown left(grace);
    while (!open_.empty() && !left.IsOver()) {
      ended_.WaitFor(mu_, left.Left());
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
    OpenConnection* connection = nullptr;
    {
      MutexLock lock(mu_);
      while (waiting_.empty() && !stopping_) work_.Wait(mu_);
      if (waiting_.empty()) return;
      connection = waiting_.front();
      waiting_.pop_front();
      --idle_;
    }
    serve_(*connection);
    {
      MutexLock lock(mu_);
      const int socket = connection->socket();
      if (connection->reclaimed_) --reclaimed_;
      open_.erase(socket);
      ::close(socket);
      ++idle_;
      ended_.Signal();
    }
  }
}

bool ConnectionThreads::Reclaim() {
  const auto now = std::chrono::steady_clock::now();
  const int64_t idle_before =
      (now - absl::ToChronoNanoseconds(std::min(reclaim_after_, kReclaimNever)))
          .time_since_epoch()
          .count();
  OpenConnection* oldest = nullptr;
  int64_t since = idle_before;
  for (auto& [socket, connection] : open_) {
    const int64_t idle_since = connection.idle_since_;
    if (idle_since <= OpenConnection::kBusy || idle_since > since) continue;
    oldest = &connection;
    since = idle_since;
  }
  // Between the look and now a request may have come.
  if (oldest == nullptr || !oldest->idle_since_.compare_exchange_strong(
                               since, OpenConnection::kReclaimed)) {
    return false;
  }
  oldest->reclaimed_ = true;
  ++reclaimed_;
  ::shutdown(oldest->socket(), SHUT_RD);
  return true;
}

void ConnectionThreads::ShutDownAll(int how) {
  for (const auto& [socket, connection] : open_) ::shutdown(socket, how);
}

}  // namespace chatgate
