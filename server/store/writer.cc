#include "server/store/writer.h"

#include <sqlite3.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite_status.h"

namespace chatgate {
namespace {

constexpr char kBegin[] = "BEGIN IMMEDIATE";

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection,
               const StoreOptions& options)
    : connection_(std::move(connection)), options_(options) {
  sqlite3_wal_hook(
      connection_->db(),
      [](void* writer, sqlite3*, const char*, int pages) {
        static_cast<Writer*>(writer)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  thread_ = std::thread([this] { Run(); });
}

Writer::~Writer() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    work_waits_.Signal();
  }
  thread_.join();
}

void Writer::Submit(Store::Work work, Store::Done done, bool repeatable) {
  absl::Status refused;
  {
    MutexLock lock(mu_);
    if (!broken_.ok()) {
      refused = broken_;
    } else if (queue_.size() >= options_.queue_max) {
      refused = absl::ResourceExhaustedError(
          absl::StrCat(options_.queue_max, " changes wait already"));
    } else {
      queue_.push_back(
          {std::move(work), std::move(done), repeatable, absl::OkStatus()});
      if (idle_) work_waits_.Signal();
      return;
    }
  }
  done(std::move(refused));
}

absl::Status Writer::Health() const {
  MutexLock lock(mu_);
  return broken_;
}

void Writer::OnBroken(std::function<void(absl::Status)> on_broken) {
  absl::Status broken;
  {
    MutexLock lock(mu_);
    if (broken_.ok()) {
      on_broken_ = std::move(on_broken);
      return;
    }
    broken = broken_;
  }
  if (on_broken) on_broken(std::move(broken));
}

void Writer::Run() {
  std::vector<Task> group;
  while (TakeGroup(group)) {
    RunGroup(group);
    group.clear();
  }
}

bool Writer::TakeGroup(std::vector<Task>& group) {
  MutexLock lock(mu_);
  while (queue_.empty() && !stopping_) {
    idle_ = true;
    work_waits_.Wait(mu_);
  }
  idle_ = false;
  MoveFromQueue(group);
  return !group.empty();
}

void Writer::TakeMore(std::vector<Task>& group) {
  MutexLock lock(mu_);
  MoveFromQueue(group);
}

void Writer::MoveFromQueue(std::vector<Task>& group) {
  const size_t room = options_.group_max - group.size();
  const auto end =
      queue_.begin() + static_cast<ptrdiff_t>(std::min(queue_.size(), room));
  group.insert(group.end(), std::make_move_iterator(queue_.begin()),
               std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
}

void Writer::RunGroup(std::vector<Task>& group) {
  absl::Status status = Health();
  Transaction transaction(*connection_);
  if (status.ok()) {
    status = RunTransaction(transaction, group);
    if (!connection_->fault().ok()) Break(connection_->fault());
  }
  if (status.ok()) {
    for (auto& hook : transaction.commit_hooks_) hook();
  } else {
    UndoHooks(transaction, 0, 0);
    // One status for all: also what had been done before the failure is gone.
    status = absl::UnavailableError(status.message());
  }
  for (Task& task : group) {
    task.done(task.status.ok() ? status : std::move(task.status));
    // Dones and works may hold much; the group may be large.
    task = Task();
  }
  if (!status.ok()) return;
  const absl::Status checkpointed = CheckpointIfDue();
  if (!checkpointed.ok()) Break(checkpointed);
}

absl::Status Writer::RunTransaction(Transaction& transaction,
                                    std::vector<Task>& group) {
  RETURN_IF_ERROR(RunSql(kBegin));
  absl::Status status = RunWorks(transaction, group);
  if (status.ok()) {
    status = RunSql("COMMIT");
    if (!status.ok()) {
      Break(absl::UnavailableError(absl::StrCat("commit: ", status.message())));
    } else if (HasMoved()) {
      // What it holds will not be there at the next start.
      status = absl::UnavailableError("the database file was moved or deleted");
      Break(status);
    }
  }
  // A failed commit may have ended the transaction, or not.
  if (!status.ok() && sqlite3_get_autocommit(connection_->db()) == 0) {
    const absl::Status rolled_back = connection_->Execute("ROLLBACK");
    if (!rolled_back.ok()) Break(rolled_back);
  }
  return status;
}

// Group by group of what came meanwhile, so that fewer commits are waited for.
absl::Status Writer::RunWorks(Transaction& transaction,
                              std::vector<Task>& group) {
  // Whether all of the transaction may be undone and run again: then it is its
  // own savepoint. Within one, SQLite would keep a copy of each page as it was.
  bool undoable = true;
  for (size_t begin = 0; begin < group.size(); TakeMore(group)) {
    const Tasks tasks = absl::MakeSpan(group).subspan(begin);
    begin = group.size();
    undoable = undoable &&
               std::all_of(tasks.begin(), tasks.end(),
                           [](const Task& task) { return task.repeatable; });
    if (!undoable && group.size() > 1) {
      RETURN_IF_ERROR(RunStretches(transaction, tasks));
      continue;
    }
    ASSIGN_OR_RETURN(const bool all, RunEach(transaction, tasks));
    if (all) continue;
    undoable = false;
    UndoHooks(transaction, 0, 0);
    RETURN_IF_ERROR(RunSql("ROLLBACK"));
    RETURN_IF_ERROR(RunSql(kBegin));
    if (group.size() == 1) continue;
    RETURN_IF_ERROR(RunEachInSavepoint(transaction, absl::MakeSpan(group)));
  }
  return absl::OkStatus();
}

absl::Status Writer::RunStretches(Transaction& transaction, Tasks tasks) {
  for (size_t at = 0; at < tasks.size();) {
    size_t end = at + 1;
    if (tasks[at].repeatable) {
      while (end < tasks.size() && tasks[end].repeatable) ++end;
    }
    RETURN_IF_ERROR(RunStretch(transaction, tasks.subspan(at, end - at)));
    at = end;
  }
  return absl::OkStatus();
}

absl::Status Writer::RunStretch(Transaction& transaction, Tasks stretch) {
  ASSIGN_OR_RETURN(const bool together, RunInSavepoint(transaction, stretch));
  if (together || stretch.size() == 1) return absl::OkStatus();
  return RunEachInSavepoint(transaction, stretch);
}

absl::Status Writer::RunEachInSavepoint(Transaction& transaction, Tasks tasks) {
  for (Task& task : tasks) {
    RETURN_IF_ERROR(
        RunInSavepoint(transaction, absl::MakeSpan(&task, 1)).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Writer::RunEach(Transaction& transaction, Tasks tasks) {
  for (Task& task : tasks) {
    task.status = task.work(transaction);
    // Whatever the work made of it: part of the transaction may be undone.
    if (!connection_->fault().ok()) return connection_->fault();
    if (!task.status.ok()) return false;
  }
  return true;
}

absl::StatusOr<bool> Writer::RunInSavepoint(Transaction& transaction,
                                            Tasks tasks) {
  const size_t commit_hooks = transaction.commit_hooks_.size();
  const size_t rollback_hooks = transaction.rollback_hooks_.size();
  RETURN_IF_ERROR(RunSql("SAVEPOINT work"));
  ASSIGN_OR_RETURN(const bool all, RunEach(transaction, tasks));
  if (!all) {
    UndoHooks(transaction, commit_hooks, rollback_hooks);
    RETURN_IF_ERROR(RunSql("ROLLBACK TO work"));
  }
  RETURN_IF_ERROR(RunSql("RELEASE work"));
  return all;
}

absl::Status Writer::RunSql(absl::string_view sql) {
  ASSIGN_OR_RETURN(Statement statement, connection_->Prepare(sql));
  return statement.Run();
}

void Writer::UndoHooks(Transaction& transaction, size_t commit_hooks,
                       size_t rollback_hooks) {
  transaction.commit_hooks_.resize(commit_hooks);
  auto& hooks = transaction.rollback_hooks_;
  while (hooks.size() > rollback_hooks) {
    hooks.back()();
    hooks.pop_back();
  }
}

// PASSIVE waits for nobody: what a reader still needs is left for the next
// time.
bool Writer::HasMoved() {
  int moved = 0;
  sqlite3_file_control(connection_->db(), "main", SQLITE_FCNTL_HAS_MOVED,
                       &moved);
  return moved != 0;
}

absl::Status Writer::CheckpointIfDue() {
  // The log began again at its start, so that less is in it than was then.
  if (wal_pages_ < checkpointed_at_) checkpointed_at_ = 0;
  if (wal_pages_ - checkpointed_at_ < options_.checkpoint_pages) {
    return absl::OkStatus();
  }
  checkpointed_at_ = wal_pages_;
  const int code = sqlite3_wal_checkpoint_v2(
      connection_->db(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return absl::OkStatus();
  return SqliteStatus(code, connection_->db(), "checkpoint");
}

void Writer::Break(const absl::Status& why) {
  std::function<void(absl::Status)> on_broken;
  absl::Status broken;
  {
    MutexLock lock(mu_);
    if (!broken_.ok()) return;
    broken_ = absl::UnavailableError(absl::StrCat(
        "the store refuses changes until it is opened again: ", why.message()));
    broken = broken_;
    on_broken = on_broken_;
  }
  // A checkpoint at closing time would trust what the failed sync left.
  connection_->SetCheckpointOnClose(false);
  LogError("store is broken", {{"reason", why.message()}});
  if (on_broken) on_broken(broken);
}

}  // namespace chatgate
