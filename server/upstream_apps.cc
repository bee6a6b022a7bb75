#include "server/upstream_apps.h"

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "prometheus/gauge.h"
#include "server/base/clock.h"
#include "server/base/countdown.h"
#include "server/base/log.h"
#include "server/base/secret_bytes.h"
#include "server/base/status_macros.h"
#include "server/base/steady_clock.h"
#include "server/budget/budget_gauges.h"
#include "server/budget/budget_table.h"
#include "server/budget/fair_budget.h"
#include "server/outbox/resolver.h"
#include "server/web_api/http_transport.h"
#include "server/web_api/request_memory.h"
#include "server/web_api/timer.h"
#include "server/web_api/web_api_backend.h"

namespace chatgate {
namespace {

HttpTransportOptions TransportOptions(const v1::AppConfig& app) {
  const v1::WebApiConfig& web_api = app.web_api();
  HttpTransportOptions options;
  options.base_url = web_api.base_url();
  options.token = app.api_token().value();
  options.proxy = web_api.proxy().value();
  options.ca_file = web_api.ca_file();
  options.connect_max = std::chrono::milliseconds(web_api.connect_timeout_ms());
  options.request_max = std::chrono::milliseconds(web_api.request_timeout_ms());
  options.connections_max = web_api.connections_max();
  options.waiting_max = web_api.waiting_max();
  options.limits.body_bytes_max =
      static_cast<size_t>(web_api.response_bytes_max());
  return options;
}

FairBudgetOptions BudgetOptions(const v1::Config& config,
                                const v1::AppConfig& app) {
  const v1::WebApiConfig& web_api = app.web_api();
  FairBudgetOptions options;
  options.app_id = app.id();
  options.scheduler.limit = static_cast<int>(web_api.requests_per_minute());
  options.scheduler.reply_reserve = static_cast<int>(web_api.reply_reserve());
  options.scheduler.waiting_max = web_api.waiting_max();
  for (const v1::CallerConfig& caller : config.callers()) {
    if (caller.weight() > 0) {
      options.scheduler.weights[caller.name()] = caller.weight();
    }
  }
  options.straggler_max = absl::Milliseconds(web_api.request_timeout_ms());
  return options;
}

// Says in the log and in the metrics how an app's platform is.
std::function<void(const absl::Status&)> HealthTeller(
    uint64_t app_id, prometheus::Gauge& gauge) {
  gauge.Set(1);
  return [app_id, &gauge](const absl::Status& health) {
    gauge.Set(health.ok() ? 1 : 0);
    if (health.ok()) {
      LogInfo("the platform answers again", {{"app", app_id}});
    } else {
      LogError("calls to the platform are stopped",
               {{"app", app_id}, {"reason", health.message()}});
    }
  };
}

class UpstreamAppsImpl final : public UpstreamApps {
 public:
  UpstreamAppsImpl() : resolver_(MakeSystemResolver()) {}

  ~UpstreamAppsImpl() override { Close(absl::ZeroDuration()); }

  absl::Status Add(const v1::Config& config, const v1::AppConfig& app,
                   Store& store, EchoWatch& echoes, prometheus::Gauge& gauge,
                   prometheus::Registry& metrics) {
    App& opened = apps_[app.id()];
    HttpTransportOptions transport_options = TransportOptions(app);
    absl::StatusOr<std::unique_ptr<HttpTransport>> transport =
        HttpTransport::Create(*resolver_, transport_options);
    WipeText(&transport_options.token);
    WipeText(&transport_options.proxy);
    if (!transport.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "app ", app.id(), ": web_api.", transport.status().message()));
    }
    opened.transport = *std::move(transport);
    opened.gauges = std::make_unique<BudgetGauges>(app.id(), metrics);
    FairBudgetOptions budget = BudgetOptions(config, app);
    budget.observer = [gauges = opened.gauges.get()](const v1::Budget& stand) {
      gauges->Show(stand);
    };
    ASSIGN_OR_RETURN(opened.budget,
                     FairBudget::Open(store, SteadyClock::System(), budget));
    WebApiBackendOptions options;
    options.app_id = app.id();
    options.sender.request_max =
        absl::Milliseconds(app.web_api().request_timeout_ms());
    options.late_effect_max = 2 * options.sender.request_max;
    options.breaker.on_health = HealthTeller(app.id(), gauge);
    ASSIGN_OR_RETURN(opened.backend,
                     WebApiBackend::Create(
                         {*opened.transport, *opened.budget, *timer_, store,
                          echoes, Clock::System(), SteadyClock::System()},
                         options));
    return absl::OkStatus();
  }

  Backend* FindBackend(uint64_t app_id) const override {
    const auto app = apps_.find(app_id);
    return app == apps_.end() ? nullptr : app->second.backend.get();
  }

  std::map<uint64_t, FairBudget*> budgets() const override {
    std::map<uint64_t, FairBudget*> budgets;
    for (const auto& [id, app] : apps_) budgets[id] = app.budget.get();
    return budgets;
  }

  void Close(absl::Duration grace) override {
    // One grace for all.
    const Countdown left(grace);
    for (auto& [id, app] : apps_) {
      if (app.backend != nullptr) app.backend->Close(left.Left());
    }
    // Or the end of the transports would wait for the name service.
    resolver_->Cancel();
  }

 private:
  // The backend ends first: nothing of it calls the others afterwards.
  struct App {
    std::unique_ptr<HttpTransport> transport;
    std::unique_ptr<BudgetGauges> gauges;
    std::unique_ptr<FairBudget> budget;
    std::unique_ptr<WebApiBackend> backend;
  };

  const std::unique_ptr<Resolver> resolver_;
  const std::unique_ptr<Timer> timer_ = MakeSystemTimer();
  std::map<uint64_t, App> apps_;
};

}  // namespace

std::vector<Schema> UpstreamApps::Schemas() {
  return {RequestMemorySchema(), budget_table::BudgetSchema()};
}

std::set<uint64_t> UpstreamApps::IdsOf(const v1::Config& config) {
  std::set<uint64_t> ids;
  for (const v1::AppConfig& app : config.apps()) {
    if (app.has_web_api()) ids.insert(app.id());
  }
  return ids;
}

absl::StatusOr<std::unique_ptr<UpstreamApps>> UpstreamApps::Open(
    const v1::Config& config, Store& store, EchoWatch& echoes,
    prometheus::Registry& metrics) {
  auto apps = std::make_unique<UpstreamAppsImpl>();
  prometheus::Family<prometheus::Gauge>& up =
      prometheus::BuildGauge()
          .Name("chatgate_platform_up")
          .Help("1 while an app's platform answers and takes its token.")
          .Register(metrics);
  for (const v1::AppConfig& app : config.apps()) {
    if (!app.has_web_api()) continue;
    RETURN_IF_ERROR(apps->Add(config, app, store, echoes,
                              up.Add({{"app", absl::StrCat(app.id())}}),
                              metrics));
  }
  return apps;
}

}  // namespace chatgate
