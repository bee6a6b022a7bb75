#ifndef CHATGATE_TESTS_OUTBOX_LOOPBACK_RECEIVER_H_
#define CHATGATE_TESTS_OUTBOX_LOOPBACK_RECEIVER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "server/base/mutex.h"
#include "tests/support/loopback_server.h"

struct ssl_ctx_st;

namespace chatgate {

// A real HTTP receiver on loopback, which answers as a test tells it: one
// request a connection.
class LoopbackReceiver {
 public:
  // What a connection does once the request is read. `write` is false when the
  // other side is gone.
  using Write = std::function<bool(const std::string& bytes)>;
  using Script = std::function<void(const Write& write)>;

  // `tls` null: in the clear.
  explicit LoopbackReceiver(Script script, ssl_ctx_st* tls = nullptr);
  LoopbackReceiver(const LoopbackReceiver&) = delete;
  LoopbackReceiver& operator=(const LoopbackReceiver&) = delete;

  uint16_t port() const { return static_cast<uint16_t>(server_.port()); }
  // Every request that was read whole: head and body.
  std::vector<std::string> requests() const ABSL_LOCKS_EXCLUDED(mu_);
  // Connections that were accepted.
  int connections() const { return server_.connections(); }

 private:
  const Script script_;

  mutable Mutex mu_;
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mu_);

  LoopbackServer server_;  // Ends before what its connections use.
};

// Writes the same bytes, whatever was asked.
LoopbackReceiver::Script Answer(const std::string& bytes);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_OUTBOX_LOOPBACK_RECEIVER_H_
