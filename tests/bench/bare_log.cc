#include "tests/bench/bare_log.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// As server/store sets them.
constexpr char kPragmas[] =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA wal_autocheckpoint=0;"
    "PRAGMA secure_delete=OFF;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-32768;"
    "PRAGMA foreign_keys=ON;";
constexpr size_t kGroupMax = 1024;
constexpr int kCheckpointPages = 4000;

}  // namespace

absl::StatusOr<std::unique_ptr<BareLog>> BareLog::Open(
    const std::string& path, const std::vector<std::string>& create,
    std::string event) {
  std::unique_ptr<BareLog> log(new BareLog(std::move(event)));
  if (sqlite3_open(path.c_str(), &log->db_) != SQLITE_OK) {
    return absl::UnavailableError(absl::StrCat("cannot open ", path));
  }
  RETURN_IF_ERROR(log->Execute(kPragmas));
  for (const std::string& sql : create) RETURN_IF_ERROR(log->Execute(sql));
  RETURN_IF_ERROR(log->Prepare("BEGIN IMMEDIATE", &log->begin_));
  RETURN_IF_ERROR(
      log->Prepare("INSERT INTO event_log_keys VALUES (777,1,1,?,0,?)"
                   " ON CONFLICT DO NOTHING",
                   &log->insert_key_));
  RETURN_IF_ERROR(log->Prepare("INSERT INTO event_log_events VALUES (?,?,?)",
                               &log->insert_event_));
  RETURN_IF_ERROR(log->Prepare("COMMIT", &log->commit_));
  sqlite3_wal_hook(
      log->db_,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<BareLog*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      log.get());
  log->thread_ = std::thread([log = log.get()] { log->Run(); });
  return log;
}

BareLog::~BareLog() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    waits_.Signal();
  }
  if (thread_.joinable()) thread_.join();
  for (sqlite3_stmt* statement :
       {begin_, insert_key_, insert_event_, commit_}) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(db_);
}

void BareLog::Append(uint64_t id, Done done) {
  MutexLock lock(mu_);
  queue_.push_back({id, std::move(done), 0});
  if (idle_) waits_.Signal();
}

void BareLog::Run() {
  std::vector<Task> group;
  while (true) {
    {
      MutexLock lock(mu_);
      while (queue_.empty() && !stopping_) {
        idle_ = true;
        waits_.Wait(mu_);
      }
      idle_ = false;
      if (queue_.empty()) return;
      MoveFromQueue(group);
    }
    absl::Status status = RunGroup(group);
    for (Task& task : group) {
      if (status.ok()) {
        task.done(task.seq);
      } else {
        task.done(status);
      }
    }
    group.clear();
    // What a failure means, the next group tells.
    if (status.ok()) CheckpointIfDue().IgnoreError();
  }
}

void BareLog::MoveFromQueue(std::vector<Task>& group) {
  const size_t room = kGroupMax - group.size();
  const auto end =
      queue_.begin() + static_cast<ptrdiff_t>(std::min(queue_.size(), room));
  group.insert(group.end(), std::make_move_iterator(queue_.begin()),
               std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
}

absl::Status BareLog::RunGroup(std::vector<Task>& group) {
  RETURN_IF_ERROR(Step(begin_));
  for (size_t i = 0; i < group.size(); ++i) {
    RETURN_IF_ERROR(Insert(group[i]));
    if (i + 1 < group.size()) continue;
    MutexLock lock(mu_);
    MoveFromQueue(group);
  }
  return Step(commit_);
}

absl::Status BareLog::Insert(Task& task) {
  task.seq = ++head_;
  const auto seq = static_cast<sqlite3_int64>(task.seq);
  sqlite3_bind_int64(insert_key_, 1, static_cast<sqlite3_int64>(task.id));
  sqlite3_bind_int64(insert_key_, 2, seq);
  RETURN_IF_ERROR(Step(insert_key_));
  if (sqlite3_changes(db_) != 1) {
    return absl::AlreadyExistsError(absl::StrCat("key ", task.id));
  }
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  sqlite3_bind_int64(insert_event_, 1, seq);
  sqlite3_bind_int64(insert_event_, 2, micros.count());
  sqlite3_bind_blob(insert_event_, 3, event_.data(),
                    static_cast<int>(event_.size()), SQLITE_STATIC);
  return Step(insert_event_);
}

absl::Status BareLog::Execute(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat(sql, ": ", sqlite3_errmsg(db_)));
}

absl::Status BareLog::Prepare(const char* sql, sqlite3_stmt** statement) {
  if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, statement,
                         nullptr) == SQLITE_OK) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat(sql, ": ", sqlite3_errmsg(db_)));
}

absl::Status BareLog::Step(sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  if (code == SQLITE_DONE) return absl::OkStatus();
  return absl::UnavailableError(sqlite3_errmsg(db_));
}

absl::Status BareLog::CheckpointIfDue() {
  if (wal_pages_ < checkpointed_at_) checkpointed_at_ = 0;
  if (wal_pages_ - checkpointed_at_ < kCheckpointPages) return absl::OkStatus();
  checkpointed_at_ = wal_pages_;
  const int code = sqlite3_wal_checkpoint_v2(
      db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_OK) return absl::OkStatus();
  return absl::UnavailableError(sqlite3_errmsg(db_));
}

}  // namespace chatgate
