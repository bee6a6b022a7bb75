#ifndef CHATGATE_WEBHOOK_CONNECTION_THREADS_H_
#define CHATGATE_WEBHOOK_CONNECTION_THREADS_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/base/mutex.h"

namespace chatgate {

// A connection that has a thread. Its thread tells when it waits for the other
// side to want something: then the connection may be reclaimed.
class OpenConnection {
 public:
  explicit OpenConnection(int socket) : socket_(socket) {}

  int socket() const { return socket_; }

  // Threads: one at a time: the connection's own, or who has written what it
  // was owed, before it ends the idle time.
  void BeginIdle() {
    idle_since_ = std::chrono::steady_clock::now().time_since_epoch().count();
  }
  // False when it was reclaimed meanwhile: it should end with what came last.
  // Threads: the connection's own.
  bool EndIdle() { return idle_since_.exchange(kBusy) != kReclaimed; }

 private:
  friend class ConnectionThreads;
  static constexpr int64_t kBusy = 0;
  static constexpr int64_t kReclaimed = -1;

  const int socket_;
  std::atomic<int64_t> idle_since_ = kBusy;  // Or ticks of the steady clock.
  bool reclaimed_ = false;                   // Under ConnectionThreads' lock.
};

// Serves each connection on a thread of its own, and never more than so many:
// a kept connection holds its thread, so a queue before the threads would be
// one where callers starve unseen. Threads are made when needed and used again.
//
// Where there are as many as may be, a new one takes the place of the one that
// has been idle longest, so that nobody who only keeps connections can keep
// others out. That one ends at once, or with the answer to a request that has
// just come.
//
// Threads: any; Stop from one at a time. Sockets are closed here, under the
// lock, so that nobody touches a number that was given to somebody else.
class ConnectionThreads {
 public:
  using Serve = std::function<void(OpenConnection& connection)>;

  // One that has been idle for less than `reclaim_after` is in use.
  ConnectionThreads(size_t connections_max, absl::Duration reclaim_after,
                    Serve serve)
      : connections_max_(connections_max),
        reclaim_after_(reclaim_after),
        serve_(std::move(serve)) {}
  ~ConnectionThreads() { Stop(absl::ZeroDuration()); }

  // Takes the socket and serves it, then closes it. False, with the socket left
  // to the caller: there are as many as there may be, and all are in use.
  bool TryServe(int socket) ABSL_LOCKS_EXCLUDED(mu_);

  // Ends the reading side of every connection, so that idle ones end at once
  // and busy ones with their answer; after `grace` cuts those that are left.
  void Stop(absl::Duration grace) ABSL_LOCKS_EXCLUDED(mu_);

  size_t open() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mu_);
  // Ends the connection that has been idle longest; false when all are in use.
  bool Reclaim() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ShutDownAll(int how) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const size_t connections_max_;
  const absl::Duration reclaim_after_;
  const Serve serve_;

  mutable Mutex mu_;
  CondVar work_;   // A socket waits, or stopping.
  CondVar ended_;  // A connection ended.
  // Each has an idle thread.
  std::deque<OpenConnection*> waiting_ ABSL_GUARDED_BY(mu_);
  // By socket; the waiting ones too.
  std::map<int, OpenConnection> open_ ABSL_GUARDED_BY(mu_);
  size_t reclaimed_ ABSL_GUARDED_BY(mu_) = 0;  // Of the open ones.
  size_t idle_ ABSL_GUARDED_BY(mu_) = 0;       // Threads.
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_CONNECTION_THREADS_H_
