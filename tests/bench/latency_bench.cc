// latency/R: from a webhook that is sent to its event at ten subscribers, at R
// webhooks a second. The reference is the sum of what the same three steps take
// alone: a bare POST, a bare append, a bare stream.
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/event_log/event_tables.h"
#include "tests/bench/bare_log.h"
#include "tests/bench/bench_server.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/http_load.h"
#include "tests/bench/sample_event.h"
#include "tests/bench/stream_load.h"
#include "tests/integration/gateway.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int kSubscribers = 10;
constexpr int kConnections = 32;
constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kGlance = absl::Microseconds(50);
constexpr absl::Duration kRoundMin = absl::Seconds(1);

SteadyTime Now() { return std::chrono::steady_clock::now(); }

// Microseconds from when something was sent to each time that it came.
class Stopwatch {
 public:
  explicit Stopwatch(int arrivals) : arrivals_(arrivals) {}

  void Sent(uint64_t id) { sent_[id] = {Now(), arrivals_}; }
  // DATA_LOSS: nobody sent it, or it came too often.
  absl::Status Came(uint64_t id) {
    const auto found = sent_.find(id);
    if (found == sent_.end()) {
      return absl::DataLossError(absl::StrCat("message ", id, " came twice"));
    }
    micros_.push_back(
        std::chrono::duration<double, std::micro>(Now() - found->second.at)
            .count());
    if (--found->second.arrivals == 0) sent_.erase(found);
    return absl::OkStatus();
  }
  bool AllCame() const { return sent_.empty(); }

  double Percentile(double share) {
    if (micros_.empty()) return 0;
    std::sort(micros_.begin(), micros_.end());
    return micros_[static_cast<size_t>(
        share * static_cast<double>(micros_.size() - 1))];
  }

 private:
  struct Sending {
    SteadyTime at;
    int arrivals;
  };
  const int arrivals_;
  std::map<uint64_t, Sending> sent_;
  std::vector<double> micros_;
};

struct Percentiles {
  double p50 = 0;
  double p99 = 0;
};

// Calls `send` `rate` times a second, `look` all the time, until `done`.
absl::StatusOr<Percentiles> Paced(double rate, absl::Duration time,
                                  Stopwatch& watch,
                                  const std::function<absl::Status()>& send,
                                  const std::function<absl::Status()>& look) {
  const auto period = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(1 / rate));
  const SteadyTime end = Now() + absl::ToChronoNanoseconds(time);
  for (SteadyTime tick = Now(); tick < end; tick += period) {
    RETURN_IF_ERROR(send());
    while (Now() < tick + period) RETURN_IF_ERROR(look());
  }
  const SteadyTime patience = Now() + absl::ToChronoNanoseconds(kPatience);
  while (!watch.AllCame()) {
    RETURN_IF_ERROR(look());
    if (Now() > patience) return absl::DataLossError("a message never came");
  }
  return Percentiles{watch.Percentile(0.5), watch.Percentile(0.99)};
}

// The whole way, through the gateway's rooms for events.
class WholeWay {
 public:
  absl::Status Open() {
    ASSIGN_OR_RETURN(server_, BenchServer::StartGateway());
    ASSIGN_OR_RETURN(posts_,
                     HttpLoad::Connect(server_->http_address(), kConnections));
    streams_ = std::make_unique<StreamLoad>(server_->grpc_address(),
                                            kCallerToken, kSubscribers);
    streams_->SetOnResponse([this](size_t, const grpc::ByteBuffer& bytes) {
      return OnResponse(bytes);
    });
    return streams_->Open(v1::START_LATEST);
  }

  absl::StatusOr<Percentiles> Run(double rate, absl::Duration time) {
    Stopwatch watch(kSubscribers);
    watch_ = &watch;
    return Paced(
        rate, time, watch, [this] { return Send(); },
        [this]() -> absl::Status {
          RETURN_IF_ERROR(posts_->TakeAnswers([](uint64_t) {}));
          return streams_->ReadFor(kGlance);
        });
  }

 private:
  absl::Status Send() {
    while (true) {
      const SteadyTime now = Now();
      ASSIGN_OR_RETURN(const uint64_t id, posts_->Post());
      if (id != 0) {
        watch_->Sent(id);
        return absl::OkStatus();
      }
      // All connections wait: what comes late is sent late.
      while (Now() < now + absl::ToChronoNanoseconds(kGlance)) {
        RETURN_IF_ERROR(posts_->TakeAnswers([](uint64_t) {}));
      }
    }
  }

  absl::Status OnResponse(const grpc::ByteBuffer& bytes) {
    v1::SubscribeResponse response;
    if (!response.ParseFromString(ToString(bytes))) {
      return absl::InternalError("a response cannot be read");
    }
    for (const v1::Event& event : response.events()) {
      RETURN_IF_ERROR(
          watch_->Came(event.dashly_conversation().conversation().id()));
    }
    return absl::OkStatus();
  }

  std::unique_ptr<BenchServer> server_;
  std::unique_ptr<HttpLoad> posts_;
  std::unique_ptr<StreamLoad> streams_;
  Stopwatch* watch_ = nullptr;
};

// Its three steps, each alone.
class BareSteps {
 public:
  absl::Status Open() {
    ASSIGN_OR_RETURN(server_, BenchServer::StartReference(""));
    ASSIGN_OR_RETURN(posts_,
                     HttpLoad::Connect(server_->http_address(), kConnections));
    ASSIGN_OR_RETURN(
        log_, BareLog::Open(directory_.File("bare.db"), EventLogSchema().steps,
                            SampleEventWithoutSeq()));
    streams_ = std::make_unique<StreamLoad>(server_->grpc_address(),
                                            kCallerToken, kSubscribers);
    return streams_->Open(v1::START_LATEST);
  }

  absl::StatusOr<Percentiles> Run(double rate, absl::Duration time) {
    ASSIGN_OR_RETURN(const Percentiles post, RunPosts(rate, time));
    ASSIGN_OR_RETURN(const Percentiles append, RunAppends(rate, time));
    ASSIGN_OR_RETURN(const Percentiles stream, RunStreams(rate, time));
    return Percentiles{post.p50 + append.p50 + stream.p50,
                       post.p99 + append.p99 + stream.p99};
  }

 private:
  absl::StatusOr<Percentiles> RunPosts(double rate, absl::Duration time) {
    Stopwatch watch(1);
    return Paced(
        rate, time, watch,
        [&]() -> absl::Status {
          ASSIGN_OR_RETURN(const uint64_t id, posts_->Post());
          if (id != 0) watch.Sent(id);
          return absl::OkStatus();
        },
        [&]() -> absl::Status {
          absl::Status status;
          RETURN_IF_ERROR(posts_->TakeAnswers(
              [&](uint64_t id) { status.Update(watch.Came(id)); }));
          return status;
        });
  }

  absl::StatusOr<Percentiles> RunAppends(double rate, absl::Duration time) {
    Mutex mu;
    Stopwatch watch(1);
    std::vector<uint64_t> came;
    return Paced(
        rate, time, watch,
        [&] {
          const uint64_t id = ++appends_;
          watch.Sent(id);
          log_->Append(id, [&mu, &came, id](absl::StatusOr<uint64_t> seq) {
            MutexLock lock(mu);
            came.push_back(seq.ok() ? id : 0);
          });
          return absl::OkStatus();
        },
        [&]() -> absl::Status {
          std::vector<uint64_t> ids;
          {
            MutexLock lock(mu);
            ids.swap(came);
          }
          for (const uint64_t id : ids) RETURN_IF_ERROR(watch.Came(id));
          return absl::OkStatus();
        });
  }

  absl::StatusOr<Percentiles> RunStreams(double rate, absl::Duration time) {
    Stopwatch watch(kSubscribers);
    std::vector<uint64_t> last(kSubscribers, produced_);
    streams_->SetOnResponse(
        [&](size_t stream, const grpc::ByteBuffer& bytes) -> absl::Status {
          v1::SubscribeResponse response;
          if (!response.ParseFromString(ToString(bytes))) {
            return absl::InternalError("a response cannot be read");
          }
          for (const v1::Event& event : response.events()) {
            if (event.seq() != ++last[stream]) {
              return absl::DataLossError("the bare stream lost an event");
            }
            RETURN_IF_ERROR(watch.Came(event.seq()));
          }
          return absl::OkStatus();
        });
    return Paced(
        rate, time, watch,
        [&] {
          watch.Sent(++produced_);
          server_->Allow(produced_);
          return absl::OkStatus();
        },
        [&] { return streams_->ReadFor(kGlance); });
  }

  const TempDir directory_;
  std::unique_ptr<BenchServer> server_;
  std::unique_ptr<HttpLoad> posts_;
  std::unique_ptr<BareLog> log_;
  std::unique_ptr<StreamLoad> streams_;
  uint64_t appends_ = 0;
  uint64_t produced_ = 0;
};

absl::Status RunLatency(int rate, const std::string& name,
                        Comparison& comparison) {
  WholeWay ours;
  RETURN_IF_ERROR(ours.Open());
  BareSteps theirs;
  RETURN_IF_ERROR(theirs.Open());
  const absl::Duration time = std::max(comparison.options().round, kRoundMin);
  std::vector<double> p50, p99, bare_p50, bare_p99;
  for (int round = -1; round < comparison.options().rounds; ++round) {
    ASSIGN_OR_RETURN(const Percentiles us, ours.Run(rate, time));
    ASSIGN_OR_RETURN(const Percentiles bare, theirs.Run(rate, time));
    if (round < 0) continue;
    p50.push_back(us.p50);
    p99.push_back(us.p99);
    bare_p50.push_back(bare.p50);
    bare_p99.push_back(bare.p99);
  }
  comparison.Record(name, "us p50", "bare-sum", p50, bare_p50);
  comparison.Record(absl::StrCat(name, "/p99"), "us p99", "bare-sum", p99,
                    bare_p99);
  return absl::OkStatus();
}

}  // namespace

absl::Status RunLatencyBenchmarks(Comparison& comparison) {
  for (const int rate : {100, 1000}) {
    const std::string name = absl::StrCat("latency/", rate);
    if (!comparison.Wants(name, rate)) continue;
    RETURN_IF_ERROR(RunLatency(rate, name, comparison));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
