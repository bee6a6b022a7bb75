#ifndef CHATGATE_SERVER_STORE_READING_QUEUE_H_
#define CHATGATE_SERVER_STORE_READING_QUEUE_H_

#include <cstddef>
#include <deque>
#include <vector>

#include "server/base/mutex.h"
#include "server/store/store.h"

namespace chatgate {

// ReadingQueue is the readings that wait for the same threads.
//
// Threads: any.
class ReadingQueue {
 public:
  // `group_max`: readings that one Take gives.
  ReadingQueue(size_t queue_max, size_t group_max)
      : queue_max_(queue_max), group_max_(group_max) {}

  // False, and `reading` is left alone, when `queue_max` wait.
  bool Add(Store::Reading& reading) ABSL_LOCKS_EXCLUDED(mu_);

  // Waits for readings; none when there will be none any more.
  std::vector<Store::Reading> Take() ABSL_LOCKS_EXCLUDED(mu_);

  // What waits is still taken.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const size_t queue_max_;
  const size_t group_max_;

  Mutex mu_;
  CondVar changed_;
  std::deque<Store::Reading> queue_ ABSL_GUARDED_BY(mu_);
  int idle_ ABSL_GUARDED_BY(mu_) = 0;  // Threads that wait.
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_READING_QUEUE_H_
