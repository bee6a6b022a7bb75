#ifndef CHATGATE_SERVER_SERVICE_READER_POOL_H_
#define CHATGATE_SERVER_SERVICE_READER_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "server/base/mutex.h"

namespace chatgate {

// ReaderPool runs what may touch the disk, away from the threads of gRPC's
// queues.
//
// Threads:  Submit may be called from any thread, also from a task.
// Lifetime: the destructor runs every task that was accepted.
class ReaderPool {
 public:
  using Task = std::function<void()>;

  ReaderPool(int threads, size_t queue_max);
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  // Which tasks go before others. Short ones that somebody waits for are first;
  // streams that read for long come again and again.
  enum class Turn { kFirst, kInLine };

  // False, and nothing happens, when `queue_max` tasks wait.
  [[nodiscard]] bool Submit(Task task, Turn turn = Turn::kInLine)
      ABSL_LOCKS_EXCLUDED(mu_);

  bool HasWaiting() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);

  const size_t queue_max_;
  mutable Mutex mu_;
  CondVar changed_;
  std::deque<Task> first_ ABSL_GUARDED_BY(mu_);
  std::deque<Task> in_line_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;  // Last: they use the rest.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_READER_POOL_H_
