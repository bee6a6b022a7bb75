#ifndef CHATGATE_WEBHOOK_HTTP_SERVER_H_
#define CHATGATE_WEBHOOK_HTTP_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "webhook/request_limits.h"
#include "webhook/route_table.h"

namespace chatgate {

// An HTTP/1.1 server for senders that may be slow, broken or hostile.
//
//   RouteTable routes;
//   routes.Add("GET", "/healthz", [](const HttpRequest&) { ... });
//   ASSIGN_OR_RETURN(auto server, HttpServer::Start(options, routes));
//
// Each connection has a thread of its own and is kept between requests.
// Whatever a sender does, it costs no more than the limits say; it is told why
// in JSON wherever it still listens. Answers obey no `Range` and are not
// zipped.
//
// Threads: handlers run on many threads at once; Stop from one.
// Errors:  INVALID_ARGUMENT: `listen` is no address, or not loopback without
//          `insecure`. UNAVAILABLE: it cannot be bound, for instance because
//          another process has it.
// Lifetime: the destructor stops.
class HttpServer {
 public:
  struct Options {
    std::string listen = "127.0.0.1:0";  // `HOST:PORT`; port 0: any free one.
    bool insecure = false;               // Allow other than loopback.
    size_t connections_max = 256;
    // At the limit a new connection takes the place of one that has been idle
    // for this long at least, the longest first.
    absl::Duration reclaim_after = absl::Seconds(1);
    size_t long_answers_max = 64;  // Beside the connections.
    RequestLimits limits;
    // Called with the status of every answer; must not block.
    std::function<void(int status)> on_answer;
  };

  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(Options options,
                                                           RouteTable routes);

  virtual ~HttpServer() = default;

  // The port that is listened on.
  virtual int port() const = 0;

  // Accepts no more. Idle connections end at once, requests that are being
  // handled get their answer, those that are still coming in are dropped.
  // After `grace` the rest is cut; then waits only for handlers.
  virtual void Stop(absl::Duration grace) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_HTTP_SERVER_H_
