#ifndef CHATGATE_WEBHOOK_CONNECTION_THREADS_H_
#define CHATGATE_WEBHOOK_CONNECTION_THREADS_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "server/base/mutex.h"

namespace chatgate {

// Serves each connection on a thread of its own, and never more than so many:
// a kept connection holds its thread, so a queue before the threads would be
// one where callers starve unseen. Threads are made when needed and used again.
//
// Threads: TryServe and Stop from one thread at a time. Sockets are closed
// here, under the lock, so that Stop never touches a number that was given to
// somebody else.
class ConnectionThreads {
 public:
  using Serve = std::function<void(int socket)>;

  ConnectionThreads(size_t connections_max, Serve serve)
      : connections_max_(connections_max), serve_(std::move(serve)) {}
  ~ConnectionThreads() { Stop(absl::ZeroDuration()); }

  // Takes the socket and serves it, then closes it. False, with the socket left
  // to the caller: there are as many as there may be.
  bool TryServe(int socket) ABSL_LOCKS_EXCLUDED(mu_);

  // Ends the reading side of every connection, so that idle ones end at once
  // and busy ones with their answer; after `grace` cuts those that are left.
  void Stop(absl::Duration grace) ABSL_LOCKS_EXCLUDED(mu_);

  size_t open() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mu_);
  void ShutDownAll(int how) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const size_t connections_max_;
  const Serve serve_;

  mutable Mutex mu_;
  CondVar work_;   // A socket waits, or stopping.
  CondVar ended_;  // A connection ended.
  std::deque<int> waiting_ ABSL_GUARDED_BY(mu_);  // Each has an idle thread.
  std::set<int> open_ ABSL_GUARDED_BY(mu_);       // The waiting ones too.
  size_t idle_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_CONNECTION_THREADS_H_
