#ifndef CHATGATE_WEBHOOK_LONG_ANSWERS_H_
#define CHATGATE_WEBHOOK_LONG_ANSWERS_H_

#include <cstddef>
#include <map>

#include "absl/time/time.h"
#include "server/base/mutex.h"
#include "webhook/connection_threads.h"
#include "webhook/http_message.h"

namespace chatgate {

// LongAnswers writes answers that last, each on a thread of its own beside
// those of the usual connections, so that no number of them can keep a webhook
// waiting.
//
// Threads: any may call.
class LongAnswers {
 public:
  explicit LongAnswers(size_t answers_max)
      : threads_(answers_max, absl::InfiniteDuration(),
                 [this](OpenConnection& connection) {
                   Write(connection.socket());
                 }) {}

  // Takes over the connection behind `socket`, which stays the caller's to
  // close, and lets `answer` write to it. False where there are as many as may
  // be.
  bool Begin(int socket, LongAnswer answer) ABSL_LOCKS_EXCLUDED(mu_);

  // Waits at most `grace` for them to end by themselves.
  void Stop(absl::Duration grace) { threads_.Stop(grace); }

 private:
  void Write(int socket) ABSL_LOCKS_EXCLUDED(mu_);

  Mutex mu_;
  std::map<int, LongAnswer> waiting_ ABSL_GUARDED_BY(mu_);  // By socket.
  ConnectionThreads threads_;  // Last: they use the rest.
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_LONG_ANSWERS_H_
