// chatgate: the gateway. Reads the configuration, opens every room in the order
// of the layering, says on standard output where it listens, and ends on
// SIGTERM or SIGINT.
#include <grpc/support/log.h>
#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/registry.h"
#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/budget/budgets.h"
#include "server/command_line.h"
#include "server/config/config.h"
#include "server/config/listen_address.h"
#include "server/config/read_file.h"
#include "server/event_log/event_tables.h"
#include "server/event_log/retention.h"
#include "server/event_log/retention_thread.h"
#include "server/event_log/sqlite_event_log.h"
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

ABSL_FLAG(std::string, config, "",
          "Configuration file (text proto of chatgate.v1.Config). Without it "
          "the gateway runs a demo workspace on loopback.");
ABSL_FLAG(std::string, grpc_listen, "", "HOST:PORT for gRPC.");
ABSL_FLAG(std::string, http_listen, "", "HOST:PORT for webhooks.");
ABSL_FLAG(std::string, data_dir, "", "Folder that keeps everything.");
ABSL_FLAG(std::string, log_level, "info", "debug, info, warning or error.");

namespace chatgate {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
// Both together stay far below the ten seconds that an end may take.
constexpr absl::Duration kStreamsDrain = absl::Seconds(2);
constexpr absl::Duration kCallsDrain = absl::Seconds(2);
constexpr absl::Duration kRetentionInterval = absl::Seconds(5);

bool IsLoopback(const std::string& listen) {
  const absl::StatusOr<ListenAddress> address = ListenAddress::Parse(listen);
  return address.ok() && address->IsLoopback();
}

// The whole gateway. The order of the members is that of their lives: what the
// log's writer may still call when everything else has ended comes before it.
class Gateway {
 public:
  static absl::StatusOr<std::unique_ptr<Gateway>> Open(v1::Config config,
                                                       bool demo) {
    auto gateway = std::unique_ptr<Gateway>(new Gateway(std::move(config)));
    RETURN_IF_ERROR(gateway->OpenRooms(demo));
    RETURN_IF_ERROR(gateway->Listen());
    return gateway;
  }

  ~Gateway() { Close(absl::ZeroDuration(), absl::ZeroDuration()); }

  // Readiness off, streams end, webhooks that are here are answered, calls that
  // run have a little time.
  void Stop() { Close(kStreamsDrain, kCallsDrain); }

  std::string ReadyLine() const {
    const std::string& listen = config_.http().listen();
    return absl::StrCat("chatgate ready grpc=", grpc_->address(),
                        " http=", listen.substr(0, listen.rfind(':')), ":",
                        front_end_->port());
  }

 private:
  explicit Gateway(v1::Config config) : config_(std::move(config)) {}

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

  absl::Status OpenRooms(bool demo) {
    ASSIGN_OR_RETURN(data_dir_, DataDir::Lock(config_.data_dir()));
    RETURN_IF_ERROR(FillSecrets(demo, &config_));
    StoreOptions store_options;
    store_options.path = data_dir_->File("chatgate.db");
    ASSIGN_OR_RETURN(store_, Store::Open(store_options, Schemas()));
    ASSIGN_OR_RETURN(log_, SqliteEventLog::Open(*store_, Clock::System(), {}));
    const std::vector<v1::AppConfig> apps(config_.apps().begin(),
                                          config_.apps().end());
    platform_ = std::make_unique<EmbeddedPlatform>(*store_, *log_,
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
    StartRetention();
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
    std::vector<OutboxApp> apps;
    for (const v1::AppConfig& app : config_.apps()) {
      const auto& webhooks = app.embedded().webhooks();
      apps.push_back({app.id(),
                      app.webhook_token().value(),
                      {webhooks.begin(), webhooks.end()}});
    }
    resolver_ = MakeSystemResolver();
    ASSIGN_OR_RETURN(poster_, HttpPoster::Create(*resolver_));
    ASSIGN_OR_RETURN(outbox_,
                     Outbox::Create(*store_, *poster_, Clock::System(), apps));
    log_->AddParticipant(*outbox_);
    return absl::OkStatus();
  }

  absl::Status Listen() {
    std::vector<Authenticator::Credential> callers;
    for (const v1::CallerConfig& caller : config_.callers()) {
      callers.push_back({{caller.name(),
                          caller.role(),
                          {caller.app_ids().begin(), caller.app_ids().end()}},
                         caller.token().value()});
    }
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
    ASSIGN_OR_RETURN(service_, ChatService::Create(
                                   Authenticator(callers), backends, *log_,
                                   *hub_, Clock::System(), ServiceOptions()));
    ASSIGN_OR_RETURN(const GrpcServerOptions grpc_options, GrpcOptions());
    budgets_ = std::make_unique<Budgets>(*store_, Clock::System(),
                                         upstream_->budgets());
    operations_ = OperationsService::Create(
        Authenticator(callers), outbox_->operations(), budgets_.get());
    records_ = RecordService::Create(Authenticator(callers), embedded);
    ASSIGN_OR_RETURN(
        grpc_, GrpcServer::Start(grpc_options,
                                 {&service_->service(), &operations_->service(),
                                  &records_->service()}));
    RETURN_IF_ERROR(OpenRestForm());
    OpenSseStreams(callers);
    ASSIGN_OR_RETURN(front_end_, FrontEnd::Start(
                                     config_.http(), webhook_apps, *log_,
                                     metrics_, [this] { return Ready(); },
                                     [this](RouteTable* routes) {
                                       sse_->AddTo(routes);
                                       rest_form_->AddTo(routes);
                                     }));
    outbox_->Start();
    serving_ = true;
    grpc_->SetServing(true);
    store_->OnBroken([this](absl::Status why) {
      LogError("the store refuses changes until a restart",
               {{"reason", why.message()}});
      grpc_->SetServing(false);
    });
    return absl::OkStatus();
  }

  absl::Status OpenRestForm() {
    RestForm::Options options;
    for (const v1::AppConfig& app : config_.apps()) {
      // The token of another platform is no caller's here.
      if (!app.has_embedded()) continue;
      RestApp& rest = options.apps.emplace_back();
      rest.app_id = app.id();
      rest.token = app.api_token().value();
      rest.backend = platform_.get();
      if (app.embedded().has_requests_per_minute()) {
        rest.requests_per_minute = app.embedded().requests_per_minute();
      }
    }
    options.cors_origins = {config_.http().cors_origins().begin(),
                            config_.http().cors_origins().end()};
    ASSIGN_OR_RETURN(rest_form_,
                     RestForm::Create(options, Clock::System(), metrics_));
    return absl::OkStatus();
  }

  void OpenSseStreams(const std::vector<Authenticator::Credential>& callers) {
    std::set<uint64_t> app_ids;
    for (const v1::AppConfig& app : config_.apps()) app_ids.insert(app.id());
    SseStreams::Options options;
    options.cors_origins = {config_.http().cors_origins().begin(),
                            config_.http().cors_origins().end()};
    options.stream.age_max = ServiceOptions().stream_age_max;
    sse_ = std::make_unique<SseStreams>(Authenticator(callers), app_ids, *log_,
                                        *hub_, options, metrics_);
  }

  // Retention ends before the log and the store that it works on.
  void StartRetention() {
    const v1::EventsConfig& events = config_.events();
    RetentionOptions options;
    if (events.age_hours_max() > 0) {
      options.age_max = absl::Hours(events.age_hours_max());
    }
    options.bytes_max = static_cast<uint64_t>(events.bytes_max());
    retention_ =
        std::make_unique<Retention>(*store_, *log_, Clock::System(), options);
    retention_thread_ = std::make_unique<RetentionThread>(
        *retention_, kRetentionInterval, metrics_);
  }

  ChatServiceOptions ServiceOptions() const {
    ChatServiceOptions options;
    if (config_.events().stream_age_s_max() > 0) {
      options.stream_age_max =
          absl::Seconds(config_.events().stream_age_s_max());
    }
    options.snapshots = snapshots_.get();
    return options;
  }

  absl::StatusOr<GrpcServerOptions> GrpcOptions() const {
    GrpcServerOptions options;
    options.listen = config_.grpc().listen();
    options.reflection =
        config_.grpc().reflection() || IsLoopback(options.listen);
    if (!config_.grpc().has_tls()) return options;
    const v1::TlsConfig& tls = config_.grpc().tls();
    TlsKeys& keys = options.tls.emplace();
    ASSIGN_OR_RETURN(keys.cert_chain, ReadConfigFile(tls.cert_file()));
    ASSIGN_OR_RETURN(keys.private_key, ReadConfigFile(tls.key_file()));
    if (!tls.client_ca_file().empty()) {
      ASSIGN_OR_RETURN(keys.client_ca, ReadConfigFile(tls.client_ca_file()));
    }
    return options;
  }

  absl::Status Ready() const {
    if (!serving_) return absl::UnavailableError("stopping");
    return store_->Health();
  }

  v1::Config config_;
  std::atomic<bool> serving_ = false;
  prometheus::Registry metrics_;
  std::unique_ptr<DataDir> data_dir_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<HttpPoster> poster_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<PlatformSnapshots> snapshots_;
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
  // Ends before the log, which its last changes append to.
  std::unique_ptr<Store> store_;
  std::unique_ptr<UpstreamApps> upstream_;
  std::unique_ptr<RestForm> rest_form_;
  std::unique_ptr<SseStreams> sse_;
  std::unique_ptr<FrontEnd> front_end_;
};

bool SetLogLevelFromFlag() {
  const std::map<std::string, LogLevel> levels = {
      {"debug", LogLevel::kDebug},
      {"info", LogLevel::kInfo},
      {"warning", LogLevel::kWarning},
      {"error", LogLevel::kError}};
  const auto level = levels.find(absl::GetFlag(FLAGS_log_level));
  if (level == levels.end()) return false;
  SetLogLevel(level->second);
  return true;
}

int Fail(int code, absl::string_view why) {
  absl::FPrintF(stderr, "chatgate: %s\n", why);
  return code;
}

int Run(const sigset_t& endings) {
  ConfigOverrides overrides;
  overrides.grpc_listen = absl::GetFlag(FLAGS_grpc_listen);
  overrides.http_listen = absl::GetFlag(FLAGS_http_listen);
  overrides.data_dir = absl::GetFlag(FLAGS_data_dir);
  const std::string file = absl::GetFlag(FLAGS_config);
  const bool demo = file.empty();
  absl::StatusOr<v1::Config> config =
      demo ? DemoConfig(overrides) : LoadConfig(file, overrides);
  if (!config.ok()) return Fail(kExitFailed, config.status().message());
  absl::StatusOr<std::unique_ptr<Gateway>> gateway =
      Gateway::Open(*std::move(config), demo);
  if (!gateway.ok()) {
    // What only the rooms can check is still the file's fault.
    const bool of_file = !demo && absl::IsInvalidArgument(gateway.status());
    return Fail(kExitFailed, absl::StrCat(of_file ? file + ": " : "",
                                          gateway.status().message()));
  }
  absl::PrintF("%s\n", (*gateway)->ReadyLine());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&endings, &signal);
  LogInfo("stopping", {{"signal", signal}});
  (*gateway)->Stop();
  return 0;
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  // Debian's Abseil has it on inside gRPC, at the cost of every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  absl::SetProgramUsageMessage(
      "The gateway between services and chat platforms.\n"
      "  chatgate --config=FILE");
  const std::string usage_error = chatgate::CommandLineError(argc, argv);
  if (!usage_error.empty()) {
    return chatgate::Fail(chatgate::kExitUsage, usage_error);
  }
  absl::ParseCommandLine(argc, argv);
  if (!chatgate::SetLogLevelFromFlag()) {
    return chatgate::Fail(chatgate::kExitUsage,
                          "--log_level: debug, info, warning or error");
  }
  // gRPC's own words would break the one line that an error takes.
  gpr_set_log_function([](gpr_log_func_args* line) {
    chatgate::LogDebug(line->message, {{"from", "grpc"}});
  });
  // Chats and tokens are nobody else's.
  umask(077);
  // Before the first thread, so that none of them gets these.
  sigset_t endings;
  sigemptyset(&endings);
  sigaddset(&endings, SIGTERM);
  sigaddset(&endings, SIGINT);
  pthread_sigmask(SIG_BLOCK, &endings, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return chatgate::Run(endings);
}
