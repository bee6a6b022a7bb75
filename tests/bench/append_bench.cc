// append/N: the event log alone, in this process, against bare SQLite.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/clock.h"
#include "server/base/status_macros.h"
#include "server/event_log/event_tables.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/store/store.h"
#include "tests/bench/bare_log.h"
#include "tests/bench/benchmarks.h"
#include "tests/bench/closed_loop.h"
#include "tests/bench/peer_load.h"
#include "tests/bench/peer_server.h"
#include "tests/bench/sample_event.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

NewEvent EventWithKey(uint64_t id) {
  NewEvent event;
  event.event = SampleEvent(id);
  event.key = DedupeKey{777, v1::EVENT_SOURCE_DASHLY,
                        v1::EVENT_KIND_DASHLY_CONVERSATION, id, 0};
  return event;
}

ClosedLoop::Append AppendTo(EventLog& log) {
  return [&log](uint64_t id, ClosedLoop::Answer answer) {
    log.Append(EventWithKey(id), [answer = std::move(answer)](
                                     absl::StatusOr<Appended> appended) {
      if (!appended.ok()) return answer(appended.status());
      if (appended->duplicate) {
        return answer(absl::DataLossError("a new event was called a repeated"));
      }
      answer(appended->seq);
    });
  };
}

// The last event again: it must be known, and add nothing.
absl::Status CheckDedupe(EventLog& log, uint64_t last_id) {
  const uint64_t head = log.Head();
  Mutex mu;
  CondVar answered;
  bool done = false;
  absl::StatusOr<Appended> again = absl::UnknownError("");
  log.Append(EventWithKey(last_id), [&](absl::StatusOr<Appended> appended) {
    MutexLock lock(mu);
    again = std::move(appended);
    done = true;
    answered.Signal();
  });
  MutexLock lock(mu);
  while (!done) answered.Wait(mu);
  if (!again.ok()) return again.status();
  if (!again->duplicate || log.Head() != head) {
    return absl::DataLossError("a repeated event was added");
  }
  return absl::OkStatus();
}

// The brokers that are installed.
class Peers {
 public:
  absl::Status Start(const std::string& row, int waiting,
                     Comparison& comparison,
                     std::vector<Contender>* references) {
    const std::string event = SampleEventWithoutSeq();
    absl::StatusOr<std::unique_ptr<PeerServer>> redis =
        PeerServer::StartRedis();
    if (redis.ok()) {
      redis_ = *std::move(redis);
      ASSIGN_OR_RETURN(redis_load_, PeerLoad::Connect(redis_->port(), waiting,
                                                      RedisAppends(event)));
      Add("redis-always", *redis_, *redis_load_, references);
    } else {
      comparison.Skip(row, "redis-always", redis.status().message());
    }
    bool synced = false;
    absl::StatusOr<std::unique_ptr<PeerServer>> nats =
        PeerServer::StartJetStream(&synced);
    if (nats.ok()) {
      nats_ = *std::move(nats);
      RETURN_IF_ERROR(CreateJetStream(nats_->port()));
      ASSIGN_OR_RETURN(nats_load_, PeerLoad::Connect(nats_->port(), waiting,
                                                     JetStreamAppends(event)));
      Add(synced ? "jetstream-always" : "jetstream-unsynced", *nats_,
          *nats_load_, references);
    } else {
      comparison.Skip(row, "jetstream", nats.status().message());
    }
    return absl::OkStatus();
  }

 private:
  static void Add(const std::string& name, const PeerServer& server,
                  PeerLoad& load, std::vector<Contender>* references) {
    references->push_back(
        {name, [&load](absl::Duration time) { return load.Run(time); },
         server.pid()});
  }

  std::unique_ptr<PeerServer> redis_;
  std::unique_ptr<PeerServer> nats_;
  std::unique_ptr<PeerLoad> redis_load_;
  std::unique_ptr<PeerLoad> nats_load_;
};

absl::Status RunAppend(int waiting, const std::string& name,
                       Comparison& comparison) {
  const TempDir directory;
  StoreOptions options;
  options.path = directory.File("chatgate.db");
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store,
                   Store::Open(options, {EventLogSchema()}));
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteEventLog> log,
                   SqliteEventLog::Open(*store, Clock::System(), {}));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<BareLog> bare,
      BareLog::Open(directory.File("bare.db"), EventLogSchema().steps,
                    SampleEventWithoutSeq()));
  ClosedLoop ours(waiting, AppendTo(*log));
  ClosedLoop theirs(waiting, [&bare](uint64_t id, ClosedLoop::Answer answer) {
    bare->Append(id, std::move(answer));
  });
  std::vector<Contender> references = {
      {"bare-sqlite", [&](absl::Duration time) { return theirs.Run(time); }}};
  Peers peers;
  RETURN_IF_ERROR(peers.Start(name, waiting, comparison, &references));
  RETURN_IF_ERROR(comparison.Run(
      name, "events/s",
      {"chatgate", [&](absl::Duration time) { return ours.Run(time); }},
      references));
  if (log->Head() != ours.appended()) {
    return absl::DataLossError(absl::StrCat(name, ": ", ours.appended(),
                                            " were answered, the head is ",
                                            log->Head()));
  }
  return CheckDedupe(*log, ours.appended());
}

}  // namespace

absl::Status RunAppendBenchmarks(Comparison& comparison) {
  for (const int waiting : {1, 16, 64, 256}) {
    const std::string name = absl::StrCat("append/", waiting);
    if (!comparison.Wants(name, waiting)) continue;
    RETURN_IF_ERROR(RunAppend(waiting, name, comparison));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
