#ifndef CHATGATE_SERVER_GATEWAY_H_
#define CHATGATE_SERVER_GATEWAY_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "chatgate/v1/config.pb.h"

namespace chatgate {

class EventLog;

// The whole gateway: every room of a configuration, opened and put together.
//
// Threads: one at a time.
class Gateway {
 public:
  // Makes what stands between the log, which outlives it, and the rooms that
  // stream it or append to it; null: nothing does.
  using LogLayer = std::function<std::unique_ptr<EventLog>(EventLog& log)>;

  // Opens every room in the order of the layering, and listens. `demo`: fills
  // the first app with a small workspace, once. `layer`: none but in tests,
  // which put faults there.
  // INVALID_ARGUMENT: the configuration is wrong in what only a room can check.
  static absl::StatusOr<std::unique_ptr<Gateway>> Open(
      v1::Config config, bool demo, const LogLayer& layer = nullptr);
  virtual ~Gateway() = default;

  // Readiness off, streams end, webhooks that are here are answered, calls that
  // run have a little time.
  virtual void Stop() = 0;

  // `chatgate ready grpc=HOST:PORT http=HOST:PORT`.
  virtual std::string ReadyLine() const = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_GATEWAY_H_
