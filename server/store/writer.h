#ifndef CHATGATE_SERVER_STORE_WRITER_H_
#define CHATGATE_SERVER_STORE_WRITER_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/base/mutex.h"
#include "server/store/database.h"
#include "server/store/store.h"

namespace chatgate {

// Writer is the store's one writing thread. It takes everything that waits into
// one transaction, and what comes while their works run. A work that fails
// leaves nothing behind: each has a savepoint; works that may be repeated and
// wait behind each other share one; and where nothing else is in the
// transaction, that is undone as a whole. Works that were undone for another's
// sake run again, each in its own savepoint.
//
// Errors:   after the first failure of disk or file, be it in a statement, a
//           commit or a checkpoint, nothing is written any more: SQLite may
//           call a later sync OK although pages of the failed one are lost.
//           Nor where the file is no longer at its path.
// Threads:  any may call; works, hooks and Dones run on the writer's own.
// Lifetime: the destructor finishes what was accepted.
class Writer {
 public:
  Writer(std::unique_ptr<Connection> connection, const StoreOptions& options);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void Submit(Store::Work work, Store::Done done, bool repeatable)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Health() const ABSL_LOCKS_EXCLUDED(mu_);
  void OnBroken(std::function<void(absl::Status)> on_broken)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Task {
    Store::Work work;
    Store::Done done;
    bool repeatable = false;
    absl::Status status;
  };
  using Tasks = absl::Span<Task>;

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Waits for tasks; false when there will be none any more.
  bool TakeGroup(std::vector<Task>& group) ABSL_LOCKS_EXCLUDED(mu_);
  // Adds what waits by now, without waiting.
  void TakeMore(std::vector<Task>& group) ABSL_LOCKS_EXCLUDED(mu_);
  void MoveFromQueue(std::vector<Task>& group)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RunGroup(std::vector<Task>& group) ABSL_LOCKS_EXCLUDED(mu_);
  // The status of the group as a whole; each task keeps its own.
  absl::Status RunTransaction(Transaction& transaction,
                              std::vector<Task>& group)
      ABSL_LOCKS_EXCLUDED(mu_);
  // These are not OK where the whole transaction is lost; a work's own failure
  // is in its task.
  absl::Status RunWorks(Transaction& transaction, std::vector<Task>& group)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status RunStretches(Transaction& transaction, Tasks tasks);
  absl::Status RunStretch(Transaction& transaction, Tasks stretch);
  absl::Status RunEachInSavepoint(Transaction& transaction, Tasks tasks);
  // One after another, up to the first that fails; then false.
  absl::StatusOr<bool> RunEach(Transaction& transaction, Tasks tasks);
  // False, and everything is undone, where one of them failed.
  absl::StatusOr<bool> RunInSavepoint(Transaction& transaction, Tasks tasks);
  void UndoHooks(Transaction& transaction, size_t commit_hooks,
                 size_t rollback_hooks);
  absl::Status RunSql(absl::string_view sql);
  // The path leads to another file by now, or to none.
  bool HasMoved();
  absl::Status CheckpointIfDue();
  void Break(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mu_);

  // Touched by the writer thread alone.
  const std::unique_ptr<Connection> connection_;
  const StoreOptions options_;
  int wal_pages_ = 0;        // After the last commit.
  int checkpointed_at_ = 0;  // wal_pages_ at the last checkpoint.

  mutable Mutex mu_;
  CondVar work_waits_;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mu_);
  bool idle_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status broken_ ABSL_GUARDED_BY(mu_);  // Why works are refused.
  std::function<void(absl::Status)> on_broken_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_WRITER_H_
