#ifndef CHATGATE_TESTS_BENCH_BARE_LOG_H_
#define CHATGATE_TESTS_BENCH_BARE_LOG_H_

#include <sqlite3.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/mutex.h"

namespace chatgate {

// BareLog is the reference of the event log: SQLite and nothing else. The same
// schema, the same settings, the same grouping (one thread that takes all that
// waits, up to 1,024, into one transaction), the same dedupe by key; the bytes
// of an event are constant but for their number.
class BareLog {
 public:
  using Done = std::function<void(absl::StatusOr<uint64_t> seq)>;

  // `create`: the SQL of the tables.
  static absl::StatusOr<std::unique_ptr<BareLog>> Open(
      const std::string& path, const std::vector<std::string>& create,
      std::string event);
  ~BareLog() ABSL_LOCKS_EXCLUDED(mu_);

  void Append(uint64_t id, Done done) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Task {
    uint64_t id;
    Done done;
    uint64_t seq;
  };

  explicit BareLog(std::string event) : event_(std::move(event)) {}
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  void MoveFromQueue(std::vector<Task>& group)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status RunGroup(std::vector<Task>& group) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Insert(Task& task);
  absl::Status Execute(const std::string& sql);
  absl::Status Prepare(const char* sql, sqlite3_stmt** statement);
  absl::Status Step(sqlite3_stmt* statement);
  absl::Status CheckpointIfDue();

  // Touched by the writer thread alone.
  std::string event_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* insert_key_ = nullptr;
  sqlite3_stmt* insert_event_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  uint64_t head_ = 0;
  int wal_pages_ = 0;
  int checkpointed_at_ = 0;

  Mutex mu_;
  CondVar waits_;
  bool idle_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_BARE_LOG_H_
