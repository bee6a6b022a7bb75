// start and catchup/N: a gateway that is started over a log of a million
// events.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/event_log/event_tables.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/store/store.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/peer_fanout.h"
#include "tests/bench/peer_load.h"
#include "tests/bench/peer_server.h"
#include "tests/bench/sample_event.h"
#include "tests/bench/stream_load.h"
#include "tests/integration/gateway.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

constexpr double kStartSecondsMax = 1;

// Appends events 1, 2, ... to a new log, and waits for the last of them.
class Seeder {
 public:
  absl::Status Seed(const std::string& path, uint64_t events)
      ABSL_LOCKS_EXCLUDED(mu_) {
    StoreOptions options;
    options.path = path;
    ASSIGN_OR_RETURN(const std::unique_ptr<Store> store,
                     Store::Open(options, {EventLogSchema()}));
    ASSIGN_OR_RETURN(const std::unique_ptr<SqliteEventLog> log,
                     SqliteEventLog::Open(*store, Clock::System(), {}));
    for (uint64_t id = 1; id <= events; ++id) {
      Begin();
      NewEvent event;
      event.event = SampleEvent(id);
      event.key = DedupeKey{777, v1::EVENT_SOURCE_DASHLY,
                            v1::EVENT_KIND_DASHLY_CONVERSATION, id, 0};
      log->Append(std::move(event), [this](absl::StatusOr<Appended> appended) {
        End(appended.status());
      });
    }
    MutexLock lock(mu_);
    while (under_way_ > 0) ended_.Wait(mu_);
    return status_;
  }

 private:
  static constexpr int kUnderWayMax = 2'048;

  void Begin() {
    MutexLock lock(mu_);
    while (under_way_ == kUnderWayMax) ended_.Wait(mu_);
    ++under_way_;
  }
  void End(const absl::Status& status) {
    MutexLock lock(mu_);
    status_.Update(status);
    --under_way_;
    ended_.Signal();
  }

  Mutex mu_;
  CondVar ended_;
  int under_way_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
      .count();
}

// Seconds until the real gateway says that it is ready.
absl::Status RunStart(uint64_t events, Comparison& comparison) {
  Gateway gateway;
  const std::string data = absl::StrCat(gateway.directory(), "/data");
  // It makes its folder, and whatever else it wants to find there.
  RETURN_IF_ERROR(gateway.Start());
  gateway.Stop();
  RETURN_IF_ERROR(Seeder().Seed(absl::StrCat(data, "/chatgate.db"), events));
  std::vector<double> seconds;
  for (int round = 0; round < comparison.options().rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    RETURN_IF_ERROR(gateway.Start());
    seconds.push_back(SecondsSince(begin));
    // Killed, so that the next start has something to recover.
    gateway.KillHard();
  }
  comparison.Record("start", "s", "limit", seconds,
                    std::vector<double>(seconds.size(), kStartSecondsMax));
  RETURN_IF_ERROR(gateway.Start());
  StreamLoad reader(gateway.grpc_address(), kCallerToken, 1);
  RETURN_IF_ERROR(reader.Open(v1::START_EARLIEST));
  return reader.ReadUpTo(events);
}

// A stream of JetStream's with as many events, where it is installed.
class JetStreamLog {
 public:
  // NOT_FOUND: it is not.
  absl::Status Fill(uint64_t events) {
    ASSIGN_OR_RETURN(server_, PeerServer::StartJetStream(nullptr));
    RETURN_IF_ERROR(CreateJetStream(server_->port()));
    events_ = events;
    return FillJetStream(server_->port(), SampleEventWithoutSeq(), events);
  }

  // Events a second.
  absl::StatusOr<double> Replay(int subscribers) const {
    const auto begin = std::chrono::steady_clock::now();
    ASSIGN_OR_RETURN(const std::unique_ptr<PeerFanout> load,
                     PeerFanout::Connect(server_->port(), subscribers,
                                         JetStreamFromTheBeginning()));
    RETURN_IF_ERROR(load->ReadUpTo(events_));
    return static_cast<double>(events_) * subscribers / SecondsSince(begin);
  }

 private:
  std::unique_ptr<PeerServer> server_;
  uint64_t events_ = 0;
};

// Events a second, from a gateway that is started for it.
absl::StatusOr<double> ReplayOurs(int subscribers, const std::string& data_dir,
                                  uint64_t events) {
  ASSIGN_OR_RETURN(const std::unique_ptr<BenchServer> server,
                   BenchServer::StartGateway(data_dir));
  const auto begin = std::chrono::steady_clock::now();
  StreamLoad ours(server->grpc_address(), kCallerToken, subscribers);
  RETURN_IF_ERROR(ours.Open(v1::START_EARLIEST));
  RETURN_IF_ERROR(ours.ReadUpTo(events));
  return static_cast<double>(events) * subscribers / SecondsSince(begin);
}

// `jetstream`: null where there is none.
absl::Status RunCatchup(int subscribers, const std::string& data_dir,
                        uint64_t events, const JetStreamLog* jetstream,
                        const std::string& name, Comparison& comparison) {
  ASSIGN_OR_RETURN(const std::unique_ptr<BenchServer> reference,
                   BenchServer::StartReference(""));
  StreamLoad theirs(reference->grpc_address(), kCallerToken, subscribers);
  RETURN_IF_ERROR(theirs.Open(v1::START_LATEST));
  uint64_t produced = 0;
  std::vector<double> rates;
  std::vector<double> reference_rates;
  std::vector<double> jetstream_rates;
  for (int round = 0; round < comparison.options().rounds; ++round) {
    ASSIGN_OR_RETURN(rates.emplace_back(),
                     ReplayOurs(subscribers, data_dir, events));
    ASSIGN_OR_RETURN(
        reference_rates.emplace_back(),
        theirs.Run(
            comparison.options().round,
            [&](uint64_t seq) { reference->Allow(seq); }, &produced));
    if (jetstream == nullptr) continue;
    ASSIGN_OR_RETURN(jetstream_rates.emplace_back(),
                     jetstream->Replay(subscribers));
  }
  comparison.Record(name, "events/s", "bare-grpc", rates, reference_rates);
  if (jetstream != nullptr) {
    comparison.Record(name, "events/s", "jetstream-ordered", rates,
                      jetstream_rates);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunReplayBenchmarks(Comparison& comparison) {
  const uint64_t events = comparison.options().log_events;
  if (comparison.Wants("start")) {
    RETURN_IF_ERROR(RunStart(events, comparison));
  }
  if (!comparison.Wants("catchup")) return absl::OkStatus();
  const TempDir directory;
  RETURN_IF_ERROR(Seeder().Seed(directory.File("chatgate.db"), events));
  JetStreamLog jetstream;
  const absl::Status filled = jetstream.Fill(events);
  if (absl::IsNotFound(filled)) {
    comparison.Skip("catchup", "jetstream-ordered", filled.message());
  } else {
    RETURN_IF_ERROR(filled);
  }
  for (const int subscribers : {1, 10}) {
    const std::string name = absl::StrCat("catchup/", subscribers);
    if (!comparison.Wants(name)) continue;
    RETURN_IF_ERROR(RunCatchup(subscribers, directory.path(), events,
                               filled.ok() ? &jetstream : nullptr, name,
                               comparison));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
