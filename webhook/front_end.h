#ifndef CHATGATE_WEBHOOK_FRONT_END_H_
#define CHATGATE_WEBHOOK_FRONT_END_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/config.pb.h"
#include "prometheus/registry.h"
#include "server/event_log/event_sink.h"
#include "webhook/route_table.h"

namespace chatgate {

// An app as the receivers know it. An empty secret: it receives no such
// webhooks.
struct WebhookApp {
  uint64_t app_id = 0;
  std::string dashly_token;
  std::string chatlio_secret;
};

// Everything that arrives over HTTP, behind one listener: the webhooks of
// Dashly and Chatlio, health and metrics.
//
//   ASSIGN_OR_RETURN(auto front_end,
//                    FrontEnd::Start(config.http(), apps, *log, registry,
//                                    [&] { return log->Readiness(); }));
//
// Threads: Stop from one. `readiness` is called on many at once.
// Lifetime: stop it before what it feeds; the destructor stops.
class FrontEnd {
 public:
  // INVALID_ARGUMENT: the configuration is wrong, and which field of it, or two
  // apps have one secret. UNAVAILABLE: the address is taken. `add_routes` adds
  // what else is served here, after the front end's own routes.
  static absl::StatusOr<std::unique_ptr<FrontEnd>> Start(
      const v1::HttpConfig& config, const std::vector<WebhookApp>& apps,
      EventSink& sink, prometheus::Registry& registry,
      std::function<absl::Status()> readiness,
      const std::function<void(RouteTable*)>& add_routes = nullptr);

  virtual ~FrontEnd() = default;

  // The port that is listened on.
  virtual int port() const = 0;

  // Takes no more requests, answers those that are here, and ends. Returns
  // soon: the log's answers are waited for at most five seconds.
  virtual void Stop() = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_FRONT_END_H_
