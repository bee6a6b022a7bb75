#ifndef CHATGATE_TESTS_OUTBOX_LOOPBACK_RECEIVER_H_
#define CHATGATE_TESTS_OUTBOX_LOOPBACK_RECEIVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/base/mutex.h"

struct ssl_ctx_st;

namespace chatgate {

// A real HTTP receiver on loopback, which answers as a test tells it: one
// connection after the other, one request each.
class LoopbackReceiver {
 public:
  // What a connection does once the request is read. `write` is false when the
  // other side is gone.
  using Write = std::function<bool(const std::string& bytes)>;
  using Script = std::function<void(const Write& write)>;

  // `tls` null: in the clear.
  explicit LoopbackReceiver(Script script, ssl_ctx_st* tls = nullptr);
  ~LoopbackReceiver();
  LoopbackReceiver(const LoopbackReceiver&) = delete;
  LoopbackReceiver& operator=(const LoopbackReceiver&) = delete;

  uint16_t port() const { return port_; }
  // Every request that was read whole: head and body.
  std::vector<std::string> requests() const ABSL_LOCKS_EXCLUDED(mu_);
  // Connections that were accepted.
  int connections() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  void Serve(int fd) ABSL_LOCKS_EXCLUDED(mu_);

  const Script script_;
  ssl_ctx_st* const tls_;
  int listener_ = -1;
  uint16_t port_ = 0;

  mutable Mutex mu_;
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mu_);
  int connections_ ABSL_GUARDED_BY(mu_) = 0;

  std::thread thread_;
};

// Writes the same bytes, whatever was asked.
LoopbackReceiver::Script Answer(const std::string& bytes);

// A certificate for `host` that signs itself, with its key.
struct TestCertificate {
  explicit TestCertificate(const std::string& host);
  ~TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  std::string pem;
  ssl_ctx_st* server;  // Shows it.
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_OUTBOX_LOOPBACK_RECEIVER_H_
