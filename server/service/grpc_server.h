#ifndef CHATGATE_SERVER_SERVICE_GRPC_SERVER_H_
#define CHATGATE_SERVER_SERVICE_GRPC_SERVER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace chatgate {

class RpcService;

// Contents of PEM files.
struct TlsKeys {
  std::string cert_chain;
  std::string private_key;
  std::string client_ca;  // Set: clients must show a certificate of these.
};

struct GrpcServerOptions {
  std::string listen = {};  // `HOST:PORT`; port 0 picks a free one.
  std::optional<TlsKeys> tls = {};
  bool reflection = true;
  // Threads that read and write the connections, and run what does not block;
  // 0: half as many as there are processors, at least one, at most eight.
  int queues = 0;
  // A connection that was silent for so long is asked whether it lives, and
  // closed, with its streams, where no answer comes.
  absl::Duration keepalive_interval = absl::Seconds(30);
  absl::Duration keepalive_timeout = absl::Seconds(10);
};

// GrpcServer listens for gRPC: the gateway's services, with health and
// reflection, which need no token.
//
// The services outlive it.
//
// Threads: every method may be called from any thread.
class GrpcServer {
 public:
  // Listens, and answers health with NOT_SERVING until SetServing(true).
  // UNAVAILABLE: the address is in use, or is none of this machine.
  // INVALID_ARGUMENT: the keys cannot be used.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const GrpcServerOptions& options,
      const std::vector<const RpcService*>& services);

  // Shuts down.
  virtual ~GrpcServer() = default;

  // `HOST:PORT` with the port that was bound.
  virtual const std::string& address() const = 0;

  // What health answers.
  virtual void SetServing(bool serving) = 0;

  // Refuses new calls, gives those that run `grace`, then cancels them. Ends
  // once the last has finished.
  virtual void Shutdown(absl::Duration grace) = 0;

  // A channel without a port, for tests.
  virtual std::shared_ptr<grpc::Channel> InProcessChannel() = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_GRPC_SERVER_H_
