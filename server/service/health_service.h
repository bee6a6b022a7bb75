#ifndef CHATGATE_SERVER_SERVICE_HEALTH_SERVICE_H_
#define CHATGATE_SERVER_SERVICE_HEALTH_SERVICE_H_

#include <set>
#include <string>

#include "grpc/health/v1/health.pb.h"
#include "server/base/mutex.h"
#include "server/rpc/rpc_service.h"
#include "server/rpc/server_stream.h"

namespace chatgate {

// HealthService answers gRPC's health protocol, `grpc.health.v1.Health`, for
// the whole server (service ``) and for those of its services that are named.
// Needs no token. gRPC's own would bring threads that poll the connections
// beside ours (docs/adr/0024).
//
// Threads:  every method may be called from any thread.
// Lifetime: the server that it is given to ends first.
class HealthService {
 public:
  // Of all watchers together; the next one is refused.
  static constexpr size_t kWatchesMax = 1'000;

  // NOT_SERVING at first.
  explicit HealthService(const std::set<std::string>& services);

  const RpcService& service() const { return service_; }

  // What every one of them answers from now on.
  void SetServing(bool serving) ABSL_LOCKS_EXCLUDED(mu_);

  // Ends every watch, so that none holds up the server's end.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Response = grpc::health::v1::HealthCheckResponse;
  struct Watch;

  void Check(UnaryCall& call) ABSL_LOCKS_EXCLUDED(mu_);
  void OnWatch(ServerStream& stream) ABSL_LOCKS_EXCLUDED(mu_);
  // Writes what `watch` has not seen yet, or ends it.
  void Follow(Watch& watch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Response::ServingStatus StatusOf(const std::string& service) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::set<std::string> services_;
  RpcService service_;

  Mutex mu_;
  bool serving_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::set<Watch*> watches_ ABSL_GUARDED_BY(mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_HEALTH_SERVICE_H_
