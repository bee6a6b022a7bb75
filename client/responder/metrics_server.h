#ifndef CHATGATE_CLIENT_RESPONDER_METRICS_SERVER_H_
#define CHATGATE_CLIENT_RESPONDER_METRICS_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace chatgate {

// Serves `GET /metrics` over plain HTTP: what `text` returns at that moment.
// Whoever reaches the address may read it, and nothing else is there.
//
// Threads: `text` is called from threads of the server.
// Lifetime: what `text` uses outlives it; the destructor ends the threads.
class MetricsServer {
 public:
  // `listen` is HOST:PORT; port 0 takes any that is free. INVALID_ARGUMENT: it
  // is not; UNAVAILABLE: the address is in use.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(
      const std::string& listen, std::function<std::string()> text);
  ~MetricsServer();

  // HOST:PORT where it listens.
  const std::string& address() const;

 private:
  class Impl;

  explicit MetricsServer(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_RESPONDER_METRICS_SERVER_H_
