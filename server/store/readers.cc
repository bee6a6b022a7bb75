#include "server/store/readers.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// More connections than this help no disk; further callers wait for one.
constexpr int kConnectionsMax = 32;
// Kept open between readings.
constexpr size_t kIdleMax = 8;
// A transaction that lasts keeps the checkpoint from what it reads.
constexpr size_t kShortGroupMax = 64;

// Runs `reading` between BEGIN and COMMIT. The end of a read transaction cannot
// lose anything: its status is of no interest.
absl::Status InSnapshot(Connection& connection,
                        const std::function<absl::Status()>& reading) {
  {
    ASSIGN_OR_RETURN(Statement begin, connection.Prepare("BEGIN"));
    RETURN_IF_ERROR(begin.Run());
  }
  absl::Status status = reading();
  if (sqlite3_get_autocommit(connection.db()) == 0) {
    absl::StatusOr<Statement> end = connection.Prepare("ROLLBACK");
    if (end.ok()) end->Run().IgnoreError();
  }
  return status;
}

}  // namespace

Readers::Readers(const StoreOptions& options)
    : options_(options),
      any_(options.read_queue_max, 1),
      short_(options.read_queue_max, kShortGroupMax) {
  for (int i = 0; i < options_.reader_threads; ++i) {
    threads_.emplace_back([this] { Run(any_); });
  }
  threads_.emplace_back([this] { Run(short_); });
}

Readers::~Readers() {
  any_.Stop();
  short_.Stop();
  for (std::thread& thread : threads_) thread.join();
}

void Readers::Submit(Store::Reading reading) {
  if (!any_.Add(reading)) reading(QueueFull());
}

void Readers::SubmitShort(Store::Reading reading) {
  if (!short_.Add(reading)) reading(QueueFull());
}

absl::Status Readers::QueueFull() const {
  return absl::ResourceExhaustedError(
      absl::StrCat(options_.read_queue_max, " reads wait already"));
}

void Readers::Run(ReadingQueue& queue) {
  while (true) {
    std::vector<Store::Reading> group = queue.Take();
    if (group.empty()) return;
    size_t called = 0;
    const absl::Status status = Read([&](Connection& connection) {
      while (called < group.size()) {
        // What it holds is freed before the next.
        const Store::Reading reading = std::move(group[called++]);
        reading(&connection);
      }
      return absl::OkStatus();
    });
    while (called < group.size()) group[called++](status);
  }
}

absl::Status Readers::Read(
    const std::function<absl::Status(Connection&)>& reading) {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Take());
  absl::Status status =
      InSnapshot(*connection, [&] { return reading(*connection); });
  GiveBack(std::move(connection));
  return status;
}

absl::StatusOr<std::unique_ptr<Connection>> Readers::Take() {
  {
    MutexLock lock(mu_);
    while (in_use_ >= kConnectionsMax) connection_free_.Wait(mu_);
    ++in_use_;
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  absl::StatusOr<std::unique_ptr<Connection>> opened =
      Connection::Open(options_.path, /*read_only=*/true, options_.vfs);
  if (!opened.ok()) GiveBack(nullptr);
  return opened;
}

void Readers::GiveBack(std::unique_ptr<Connection> connection) {
  std::unique_ptr<Connection> surplus;  // Closed without the lock.
  MutexLock lock(mu_);
  --in_use_;
  connection_free_.Signal();
  // One that met a failure of the disk is not trusted again.
  if (connection != nullptr && connection->fault().ok() &&
      idle_.size() < kIdleMax) {
    idle_.push_back(std::move(connection));
  } else {
    surplus = std::move(connection);
  }
}

}  // namespace chatgate
