#ifndef CHATGATE_WEBHOOK_REST_REST_FORM_H_
#define CHATGATE_WEBHOOK_REST_REST_FORM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/registry.h"
#include "server/backend/backend.h"
#include "server/backend/method_table.h"
#include "server/base/clock.h"
#include "webhook/rest/cross_origin.h"
#include "webhook/rest/incoming_call.h"
#include "webhook/rest/rate_limiter.h"
#include "webhook/rest/rest_router.h"
#include "webhook/route_table.h"
#include "webhook/secret_table.h"

namespace chatgate {

inline constexpr uint32_t kRequestsPerMinuteDefault = 60;
inline constexpr uint32_t kRequestsPerMinuteMax = 100'000;

// An app whose chats are reached through the REST form.
struct RestApp {
  uint64_t app_id = 0;
  std::string token;  // The Web API's. Empty: the app has no REST form.
  uint32_t requests_per_minute = kRequestsPerMinuteDefault;  // 0: no limit.
  Backend* backend = nullptr;                                // Outlives this.
};

// The REST form of the Web API: clients of the platform need nothing but
// another base URL. Every path that the front end has no route for is its own;
// every answer has the Web API's envelope.
//
//   ASSIGN_OR_RETURN(rest, RestForm::Create({apps, origins}, clock, registry));
//   FrontEnd::Start(..., [&](RouteTable* routes) { rest->AddTo(routes); });
//
// Threads: handlers run on many; each waits for its call.
// Lifetime: outlives the server that it was added to.
class RestForm {
 public:
  struct Options {
    std::vector<RestApp> apps;
    std::vector<std::string> cors_origins;
    // How long a request waits for the platform.
    absl::Duration call_time_max = absl::Seconds(20);
  };

  // INVALID_ARGUMENT: two apps have one token, a rate is too high, or the proto
  // is inconsistent.
  static absl::StatusOr<std::unique_ptr<RestForm>> Create(
      const Options& options, const Clock& clock,
      prometheus::Registry& registry);

  void AddTo(RouteTable* routes);

  HttpResponse Handle(const HttpRequest& request);

 private:
  struct App {
    explicit App(const RestApp& app, const Clock& clock)
        : app(app), limiter(app.requests_per_minute, clock) {}
    const RestApp app;
    RateLimiter limiter;
  };

  RestForm(const Options& options, const Clock& clock,
           prometheus::Registry& registry, MethodTable table);

  HttpResponse Answer(const HttpRequest& request, const RestTarget& target);
  HttpResponse Call(const RestTarget& target, App& app,
                    const RestArguments& arguments) const;
  HttpResponse Fail(const RestTarget& target, const absl::Status& status) const;
  App* FindApp(const HttpRequest& request, const RestArguments& arguments);

  const MethodTable table_;
  const RestRouter router_;
  const CrossOrigin cross_origin_;
  const absl::Duration call_time_max_;
  const Clock& clock_;  // Outlives this.
  const SecretTable tokens_;
  std::map<uint64_t, std::unique_ptr<App>> apps_;
  prometheus::Family<prometheus::Counter>& calls_;  // Outlives this.
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_REST_REST_FORM_H_
