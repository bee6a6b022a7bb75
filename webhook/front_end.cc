#include "webhook/front_end.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "server/base/status_macros.h"
#include "webhook/chatlio_receiver.h"
#include "webhook/dashly_receiver.h"
#include "webhook/event_intake.h"
#include "webhook/health.h"
#include "webhook/http_server.h"

namespace chatgate {
namespace {

constexpr absl::string_view kDefaultListen = "127.0.0.1:8080";
constexpr int64_t kConnectionsMax = 4096;
constexpr int64_t kStreamsMax = 1024;
constexpr int64_t kBodyBytesMax = 3 << 20;
// Longer is no limit any more.
constexpr int64_t kRequestTimeoutMsMax = 3'600'000;
// Senders give up after some seconds, and repeat.
constexpr absl::Duration kStoreTimeMax = absl::Seconds(5);
constexpr absl::Duration kStopGrace = absl::Seconds(6);

// `value`, or `fallback` where it is 0.
absl::StatusOr<int64_t> Limit(absl::string_view field, int64_t value,
                              int64_t fallback, int64_t max) {
  if (value < 0 || value > max) {
    return absl::InvalidArgumentError(
        absl::StrCat("http.", field, ": ", value, " is not in 1 to ", max));
  }
  return value == 0 ? fallback : value;
}

absl::StatusOr<HttpServer::Options> OptionsOf(const v1::HttpConfig& config) {
  HttpServer::Options options;
  options.listen =
      config.listen().empty() ? std::string(kDefaultListen) : config.listen();
  options.insecure = config.insecure();
  ASSIGN_OR_RETURN(
      const int64_t connections,
      Limit("connections_max", config.connections_max(), 256, kConnectionsMax));
  options.connections_max = static_cast<size_t>(connections);
  ASSIGN_OR_RETURN(const int64_t streams,
                   Limit("streams_max", config.streams_max(), 64, kStreamsMax));
  options.long_answers_max = static_cast<size_t>(streams);
  ASSIGN_OR_RETURN(
      const int64_t bytes,
      Limit("body_bytes_max", config.body_bytes_max(), 1 << 20, kBodyBytesMax));
  options.limits.body_bytes_max = static_cast<uint64_t>(bytes);
  ASSIGN_OR_RETURN(const int64_t milliseconds,
                   Limit("request_timeout_ms", config.request_timeout_ms(),
                         10'000, kRequestTimeoutMsMax));
  options.limits.request_time_max = absl::Milliseconds(milliseconds);
  return options;
}

// The table of one kind of secret, which selects the app and so must be unique.
absl::StatusOr<SecretTable> TableOf(absl::string_view name,
                                    const std::vector<WebhookApp>& apps,
                                    std::string WebhookApp::*secret) {
  std::vector<std::pair<std::string, uint64_t>> entries;
  std::set<std::string> seen;
  for (const WebhookApp& app : apps) {
    if ((app.*secret).empty()) continue;
    if (!seen.insert(app.*secret).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "apps: the ", name, " of ", app.app_id, " is another app's too"));
    }
    entries.emplace_back(app.*secret, app.app_id);
  }
  return SecretTable(entries);
}

class FrontEndImpl final : public FrontEnd {
 public:
  FrontEndImpl(SecretTable tokens, SecretTable secrets, EventSink& sink,
               prometheus::Registry& registry)
      : counters_(registry),
        answers_(prometheus::BuildCounter()
                     .Name("chatgate_http_answers_total")
                     .Help("Answers to HTTP requests, by status")
                     .Register(registry)),
        intake_(sink, counters_, kStoreTimeMax),
        dashly_(std::move(tokens), intake_, counters_),
        chatlio_(std::move(secrets), intake_, counters_) {}

  absl::Status Listen(HttpServer::Options options, RouteTable routes,
                      const std::function<void(RouteTable*)>& add_routes) {
    dashly_.AddTo(&routes);
    chatlio_.AddTo(&routes);
    if (add_routes) add_routes(&routes);
    options.on_answer = [this](int status) {
      answers_.Add({{"status", absl::StrCat(status)}}).Increment();
    };
    ASSIGN_OR_RETURN(server_,
                     HttpServer::Start(std::move(options), std::move(routes)));
    return absl::OkStatus();
  }

  int port() const override { return server_->port(); }
  void Stop() override { server_->Stop(kStopGrace); }

 private:
  const WebhookCounters counters_;
  prometheus::Family<prometheus::Counter>& answers_;
  const EventIntake intake_;
  DashlyReceiver dashly_;
  ChatlioReceiver chatlio_;
  std::unique_ptr<HttpServer> server_;  // Refers to all of the above.
};

}  // namespace

absl::StatusOr<std::unique_ptr<FrontEnd>> FrontEnd::Start(
    const v1::HttpConfig& config, const std::vector<WebhookApp>& apps,
    EventSink& sink, prometheus::Registry& registry,
    std::function<absl::Status()> readiness,
    const std::function<void(RouteTable*)>& add_routes) {
  ASSIGN_OR_RETURN(HttpServer::Options options, OptionsOf(config));
  ASSIGN_OR_RETURN(SecretTable tokens,
                   TableOf("webhook_token", apps, &WebhookApp::dashly_token));
  ASSIGN_OR_RETURN(SecretTable secrets, TableOf("chatlio_secret", apps,
                                                &WebhookApp::chatlio_secret));
  RouteTable routes;
  AddHealthRoutes(std::move(readiness), registry, &routes);
  auto front_end = std::make_unique<FrontEndImpl>(
      std::move(tokens), std::move(secrets), sink, registry);
  RETURN_IF_ERROR(
      front_end->Listen(std::move(options), std::move(routes), add_routes));
  return front_end;
}

}  // namespace chatgate
