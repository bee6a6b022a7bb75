#ifndef CHATGATE_SERVER_STORE_READERS_H_
#define CHATGATE_SERVER_STORE_READERS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/mutex.h"
#include "server/store/database.h"
#include "server/store/reading_queue.h"
#include "server/store/store.h"

namespace chatgate {

// Readers holds the store's reading threads and the connections that read. Each
// reading sees one state of the database, in a transaction that begins after it
// was submitted; short readings that wait together share one.
//
// Threads:  any may call.
// Lifetime: the destructor finishes the readings that wait.
class Readers {
 public:
  explicit Readers(const StoreOptions& options);
  ~Readers();
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  void Submit(Store::Reading reading);
  void SubmitShort(Store::Reading reading);
  absl::Status Read(const std::function<absl::Status(Connection&)>& reading)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Status QueueFull() const;
  void Run(ReadingQueue& queue) ABSL_LOCKS_EXCLUDED(mu_);
  // An idle connection, or a new one; waits while all that may be are in use.
  absl::StatusOr<std::unique_ptr<Connection>> Take() ABSL_LOCKS_EXCLUDED(mu_);
  void GiveBack(std::unique_ptr<Connection> connection)
      ABSL_LOCKS_EXCLUDED(mu_);

  const StoreOptions options_;
  ReadingQueue any_;
  ReadingQueue short_;

  Mutex mu_;
  CondVar connection_free_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mu_);
  int in_use_ ABSL_GUARDED_BY(mu_) = 0;

  std::vector<std::thread> threads_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_READERS_H_
