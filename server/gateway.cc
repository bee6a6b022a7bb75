#include "server/gateway.h"

#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "prometheus/registry.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/budget/budgets.h"
#include "server/config/config.h"
#include "server/event_log/event_tables.h"
#include "server/event_log/retention.h"
#include "server/event_log/retention_thread.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/gateway_options.h"
#include "server/hub/hub.h"
#include "server/outbox/delivery_table.h"
#include "server/outbox/http_poster.h"
#include "server/outbox/outbox.h"
#include "server/platform/demo.h"
#include "server/platform/embedded_platform.h"
#include "server/platform/platform_snapshots.h"
#include "server/platform/schema.h"
#include "server/service/chat_service.h"
#include "server/service/grpc_server.h"
#include "server/service/operations_service.h"
#include "server/service/record_service.h"
#include "server/shared_apps.h"
#include "server/store/data_dir.h"
#include "server/store/store.h"
#include "server/upstream_apps.h"
#include "server/web_api/echo_watch.h"
#include "webhook/front_end.h"
#include "webhook/rest/rest_form.h"
#include "webhook/sse/sse_streams.h"

namespace chatgate {
namespace {

// Both together stay far below the ten seconds that an end may take.
constexpr absl::Duration kStreamsDrain = absl::Seconds(2);
constexpr absl::Duration kCallsDrain = absl::Seconds(2);
constexpr absl::Duration kRetentionInterval = absl::Seconds(5);

// The whole gateway. The order of the members is that of their lives: what the
// log's writer may still call when everything else has ended comes before it.
class GatewayImpl final : public Gateway {
 public:
  explicit GatewayImpl(v1::Config config) : config_(std::move(config)) {}
  ~GatewayImpl() override { Close(absl::ZeroDuration(), absl::ZeroDuration()); }

  absl::Status Open(bool demo, const LogLayer& layer) {
    RETURN_IF_ERROR(OpenRooms(demo, layer));
    RETURN_IF_ERROR(Listen());
    // Who needs one has it.
    WipeSecrets(&config_);
    return absl::OkStatus();
  }

  void Stop() override { Close(kStreamsDrain, kCallsDrain); }

  std::string ReadyLine() const override {
    const std::string& listen = config_.http().listen();
    return absl::StrCat("chatgate ready grpc=", grpc_->address(),
                        " http=", listen.substr(0, listen.rfind(':')), ":",
                        front_end_->port());
  }

 private:
  // Also for a gateway that was not opened to its end.
  void Close(absl::Duration streams_drain, absl::Duration calls_drain) {
    serving_ = false;
    std::thread http([this] {
      if (front_end_ != nullptr) front_end_->Stop();
    });
    if (grpc_ != nullptr) grpc_->SetServing(false);
    if (service_ != nullptr) service_->Stop(streams_drain);
    if (upstream_ != nullptr) upstream_->Close(calls_drain);
    if (grpc_ != nullptr) grpc_->Shutdown(calls_drain);
    http.join();
    // Nothing is appended any more by who could have been answered.
    if (outbox_ != nullptr) outbox_->Stop();
    retention_thread_ = nullptr;
  }

  absl::Status OpenRooms(bool demo, const LogLayer& layer) {
    ASSIGN_OR_RETURN(data_dir_, DataDir::Lock(config_.data_dir()));
    RETURN_IF_ERROR(FillSecrets(demo, &config_));
    StoreOptions store_options;
    store_options.path = data_dir_->File("chatgate.db");
    ASSIGN_OR_RETURN(store_, Store::Open(store_options, Schemas()));
    ASSIGN_OR_RETURN(log_, SqliteEventLog::Open(*store_, Clock::System(), {}));
    if (layer != nullptr) layer_ = layer(*log_);
    std::vector<v1::AppConfig> apps(config_.apps().begin(),
                                    config_.apps().end());
    for (v1::AppConfig& app : apps) WipeSecrets(&app);
    platform_ = std::make_unique<EmbeddedPlatform>(*store_, events(),
                                                   Clock::System(), apps);
    log_->AddParticipant(*platform_);
    echoes_ = std::make_unique<EchoWatch>(UpstreamApps::IdsOf(config_));
    log_->AddParticipant(*echoes_);
    ASSIGN_OR_RETURN(upstream_,
                     UpstreamApps::Open(config_, *store_, *echoes_, metrics_));
    ASSIGN_OR_RETURN(shared_, SharedApps::Create(UpstreamApps::IdsOf(config_),
                                                 *upstream_, *log_));
    snapshots_ = std::make_unique<PlatformSnapshots>(*store_, Clock::System(),
                                                     config_.data_dir(), apps);
    RETURN_IF_ERROR(OpenOutbox());
    retention_ = std::make_unique<Retention>(
        *store_, *log_, Clock::System(), RetentionOptionsOf(config_.events()));
    retention_thread_ = std::make_unique<RetentionThread>(
        *retention_, kRetentionInterval, metrics_);
    hub_ = Hub::Create(log_->Head());
    log_->OnHead([this](uint64_t head) { hub_->SetHead(head); });
    if (!demo) return absl::OkStatus();
    return FillDemoApp(*platform_, config_.apps(0).id());
  }

  static std::vector<Schema> Schemas() {
    std::vector<Schema> schemas = {EventLogSchema(), PlatformSchema(),
                                   delivery_table::OutboxSchema()};
    for (Schema& schema : UpstreamApps::Schemas()) {
      schemas.push_back(std::move(schema));
    }
    return schemas;
  }

  absl::Status OpenOutbox() {
    resolver_ = MakeSystemResolver();
    ASSIGN_OR_RETURN(poster_, HttpPoster::Create(*resolver_));
    ASSIGN_OR_RETURN(outbox_, Outbox::Create(*store_, *poster_, Clock::System(),
                                             OutboxAppsOf(config_)));
    log_->AddParticipant(*outbox_);
    return absl::OkStatus();
  }

  absl::Status Listen() {
    const Authenticator callers(CredentialsOf(config_));
    std::map<uint64_t, Backend*> backends;
    std::map<uint64_t, Backend*> embedded;
    std::vector<WebhookApp> webhook_apps;
    for (const v1::AppConfig& app : config_.apps()) {
      Backend* const upstream = shared_->FindBackend(app.id());
      backends[app.id()] = upstream != nullptr ? upstream : platform_.get();
      if (app.has_embedded()) embedded[app.id()] = platform_.get();
      webhook_apps.push_back({app.id(), app.webhook_token().value(),
                              app.chatlio_secret().value()});
    }
    ChatServiceOptions service_options;
    service_options.stream_age_max = StreamAgeMaxOf(config_.events());
    service_options.streams_of_caller_max =
        ShareOfCaller(config_, service_options.streams_max);
    service_options.snapshots = snapshots_.get();
    ASSIGN_OR_RETURN(service_,
                     ChatService::Create(callers, backends, events(), *hub_,
                                         Clock::System(), service_options));
    ASSIGN_OR_RETURN(const GrpcServerOptions grpc_options,
                     GrpcOptionsOf(config_.grpc()));
    budgets_ = std::make_unique<Budgets>(*store_, Clock::System(),
                                         upstream_->budgets());
    operations_ = OperationsService::Create(callers, outbox_->operations(),
                                            budgets_.get());
    records_ = RecordService::Create(callers, embedded);
    ASSIGN_OR_RETURN(
        grpc_, GrpcServer::Start(grpc_options,
                                 {&service_->service(), &operations_->service(),
                                  &records_->service()}));
    ASSIGN_OR_RETURN(rest_form_,
                     RestForm::Create(RestOptionsOf(config_, *platform_),
                                      Clock::System(), metrics_));
    sse_ = std::make_unique<SseStreams>(callers, AppIdsOf(config_), events(),
                                        *hub_, SseOptionsOf(config_), metrics_);
    ASSIGN_OR_RETURN(front_end_, FrontEnd::Start(
                                     config_.http(), webhook_apps, events(),
                                     metrics_, [this] { return Ready(); },
                                     [this](RouteTable* routes) {
                                       sse_->AddTo(routes);
                                       rest_form_->AddTo(routes);
                                     }));
    outbox_->Start();
    serving_ = true;
    grpc_->SetServing(true);
    store_->OnBroken([this](const absl::Status& why) {
      LogError("the store refuses changes until a restart",
               {{"reason", why.message()}});
      grpc_->SetServing(false);
    });
    return absl::OkStatus();
  }

  // The log as the rooms see it.
  EventLog& events() { return layer_ != nullptr ? *layer_ : *log_; }

  absl::Status Ready() const {
    if (!serving_) return absl::UnavailableError("stopping");
    return store_->Health();
  }

  v1::Config config_;  // Without secrets once it is open.
  std::atomic<bool> serving_ = false;
  prometheus::Registry metrics_;
  std::unique_ptr<DataDir> data_dir_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<HttpPoster> poster_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<PlatformSnapshots> snapshots_;
  // Retention ends before the log and the store that it works on.
  std::unique_ptr<Retention> retention_;
  std::unique_ptr<RetentionThread> retention_thread_;
  std::unique_ptr<ChatService> service_;
  std::unique_ptr<Budgets> budgets_;
  std::unique_ptr<OperationsService> operations_;
  std::unique_ptr<RecordService> records_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<EmbeddedPlatform> platform_;
  std::unique_ptr<EchoWatch> echoes_;
  std::unique_ptr<SharedApps> shared_;
  std::unique_ptr<SqliteEventLog> log_;
  std::unique_ptr<EventLog> layer_;
  // Ends before the log, which its last changes append to.
  std::unique_ptr<Store> store_;
  std::unique_ptr<UpstreamApps> upstream_;
  std::unique_ptr<RestForm> rest_form_;
  std::unique_ptr<SseStreams> sse_;
  std::unique_ptr<FrontEnd> front_end_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Open(v1::Config config,
                                                       bool demo,
                                                       const LogLayer& layer) {
  auto gateway = std::make_unique<GatewayImpl>(std::move(config));
  RETURN_IF_ERROR(gateway->Open(demo, layer));
  return gateway;
}

}  // namespace chatgate
