#include "server/store/store.h"

#include <utility>

#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/store/migrations.h"
#include "server/store/readers.h"
#include "server/store/sync_dir.h"
#include "server/store/wal_file.h"
#include "server/store/writer.h"

namespace chatgate {
namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<Connection> connection,
              const StoreOptions& options)
      : writer_(std::move(connection), options), readers_(options) {}

  void Submit(Work work, Done done) override {
    writer_.Submit(std::move(work), std::move(done), /*repeatable=*/false);
  }
  void SubmitRepeatable(Work work, Done done) override {
    writer_.Submit(std::move(work), std::move(done), /*repeatable=*/true);
  }
  void SubmitRead(Reading reading) override {
    readers_.Submit(std::move(reading));
  }
  void SubmitShortRead(Reading reading) override {
    readers_.SubmitShort(std::move(reading));
  }
  absl::Status Read(
      const std::function<absl::Status(Connection&)>& reading) override {
    return readers_.Read(reading);
  }
  absl::Status Health() const override { return writer_.Health(); }
  void OnBroken(std::function<void(absl::Status)> on_broken) override {
    writer_.OnBroken(std::move(on_broken));
  }

 private:
  // The readers close first, so that the last checkpoint is the writer's.
  Writer writer_;
  Readers readers_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(
    const StoreOptions& options, const std::vector<Schema>& schemas) {
  ASSIGN_OR_RETURN(
      std::unique_ptr<Connection> connection,
      Connection::Open(options.path, /*read_only=*/false, options.vfs));
  // Whatever an earlier life left in the log is on the disk before it goes into
  // the database, and gone from there before anything new is acknowledged.
  RETURN_IF_ERROR(RewriteWal(*connection));
  RETURN_IF_ERROR(Migrate(*connection, schemas));
  RETURN_IF_ERROR(connection->Execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  RETURN_IF_ERROR(SyncWal(*connection));
  RETURN_IF_ERROR(SyncDir(ParentDir(options.path)));
  connection->SetCheckpointOnClose(true);
  return std::make_unique<SqliteStore>(std::move(connection), options);
}

absl::Status Store::Write(Work work) {
  Mutex mu;
  CondVar finished;
  bool done = false;
  absl::Status result;
  Submit(std::move(work), [&](absl::Status status) {
    MutexLock lock(mu);
    result = std::move(status);
    done = true;
    finished.Signal();
  });
  MutexLock lock(mu);
  while (!done) finished.Wait(mu);
  return result;
}

}  // namespace chatgate
