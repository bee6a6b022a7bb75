// bench_gateway: the gateway's rooms for events, put together as the gateway
// does it but for the platform, so that nothing adopts what arrives: a durable
// log, its streams and the webhooks, with a producer beside them that appends
// as much as the control pipe allows.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/registry.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/event_log/event_tables.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/hub/hub.h"
#include "server/process.h"
#include "server/service/chat_service.h"
#include "server/service/grpc_server.h"
#include "server/store/store.h"
#include "tests/bench/control_pipe.h"
#include "tests/bench/sample_event.h"
#include "tests/integration/gateway.h"
#include "webhook/front_end.h"

ABSL_FLAG(std::string, control, "", "The pipe that allows events.");
ABSL_FLAG(std::string, data_dir, "", "Folder of the log.");
ABSL_FLAG(size_t, ring_bytes, 0,
          "Memory for recent events; 0 is the gateway's own choice.");

namespace chatgate {
namespace {

// Appends under way at a time.
constexpr uint64_t kUnderWayMax = 512;

// Appends up to what is allowed, on the caller's thread.
class Producer {
 public:
  explicit Producer(EventLog& log) : log_(log) {}

  void AppendUpTo(uint64_t last) {
    while (next_ <= last) {
      {
        MutexLock lock(mu_);
        // By halves, so that the producer wakes seldom.
        if (under_way_ >= kUnderWayMax) {
          waits_ = true;
          while (under_way_ > kUnderWayMax / 2) answered_.Wait(mu_);
          waits_ = false;
        }
        ++under_way_;
      }
      Append(next_++);
    }
  }

 private:
  void Append(uint64_t id) {
    NewEvent event;
    event.event = SampleEvent(id);
    event.key = DedupeKey{777, v1::EVENT_SOURCE_DASHLY,
                          v1::EVENT_KIND_DASHLY_CONVERSATION, id, 0};
    log_.Append(std::move(event), [this](absl::StatusOr<Appended> appended) {
      if (!appended.ok() || appended->duplicate) {
        absl::FPrintF(stderr, "bench_gateway: an append failed\n");
        _exit(1);
      }
      MutexLock lock(mu_);
      --under_way_;
      if (waits_ && under_way_ <= kUnderWayMax / 2) answered_.Signal();
    });
  }

  EventLog& log_;  // Outlives this.
  uint64_t next_ = 1;
  Mutex mu_;
  CondVar answered_;
  bool waits_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t under_way_ ABSL_GUARDED_BY(mu_) = 0;
};

absl::Status Run() {
  const std::string directory = absl::GetFlag(FLAGS_data_dir);
  mkdir(directory.c_str(), 0700);
  StoreOptions store_options;
  store_options.path = absl::StrCat(directory, "/chatgate.db");
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store,
                   Store::Open(store_options, {EventLogSchema()}));
  SqliteEventLogOptions log_options;
  if (absl::GetFlag(FLAGS_ring_bytes) > 0) {
    log_options.ring_bytes = absl::GetFlag(FLAGS_ring_bytes);
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteEventLog> log,
                   SqliteEventLog::Open(*store, Clock::System(), log_options));
  const std::unique_ptr<Hub> hub = Hub::Create(log->Head());
  log->OnHead([&hub](uint64_t head) { hub->SetHead(head); });
  const std::vector<Authenticator::Credential> callers = {
      {Caller{"bench", v1::ADMIN, {}}, kCallerToken}};
  const Authenticator authenticator(callers);
  ChatServiceOptions service_options;
  // All subscribers of a bench have one name, and one looks on.
  service_options.streams_max = 10'100;
  service_options.streams_of_caller_max = service_options.streams_max;
  ASSIGN_OR_RETURN(const std::unique_ptr<ChatService> service,
                   ChatService::Create(authenticator, {}, *log, *hub,
                                       Clock::System(), service_options));
  GrpcServerOptions grpc_options;
  grpc_options.listen = "127.0.0.1:0";
  ASSIGN_OR_RETURN(const std::unique_ptr<GrpcServer> grpc,
                   GrpcServer::Start(grpc_options, {&service->service()}));
  v1::HttpConfig http;
  http.set_listen("127.0.0.1:0");
  http.set_connections_max(512);
  prometheus::Registry metrics;
  ASSIGN_OR_RETURN(const std::unique_ptr<FrontEnd> front_end,
                   FrontEnd::Start(http, {{777, kWebhookToken, ""}}, *log,
                                   metrics, [] { return absl::OkStatus(); }));
  absl::PrintF("bench_gateway ready grpc=%s http=127.0.0.1:%d\n",
               grpc->address(), front_end->port());
  std::fflush(stdout);
  Producer producer(*log);
  FollowControlPipe(absl::GetFlag(FLAGS_control),
                    [&producer](uint64_t seq) { producer.AppendUpTo(seq); });
  // The client is gone, so nobody waits for an orderly end.
  _exit(0);
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  absl::ParseCommandLine(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  chatgate::PrepareProcess();
  const absl::Status status = chatgate::Run();
  absl::FPrintF(stderr, "bench_gateway: %s\n", status.ToString());
  return 1;
}
