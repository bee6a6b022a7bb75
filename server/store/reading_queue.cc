#include "server/store/reading_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace chatgate {

bool ReadingQueue::Add(Store::Reading& reading) {
  MutexLock lock(mu_);
  if (queue_.size() >= queue_max_) return false;
  queue_.push_back(std::move(reading));
  // A thread that is busy looks again by itself.
  if (idle_ > 0) changed_.Signal();
  return true;
}

std::vector<Store::Reading> ReadingQueue::Take() {
  MutexLock lock(mu_);
  while (queue_.empty() && !stopping_) {
    ++idle_;
    changed_.Wait(mu_);
    --idle_;
  }
  const auto end = queue_.begin() +
                   static_cast<ptrdiff_t>(std::min(queue_.size(), group_max_));
  std::vector<Store::Reading> group(std::make_move_iterator(queue_.begin()),
                                    std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return group;
}

void ReadingQueue::Stop() {
  MutexLock lock(mu_);
  stopping_ = true;
  changed_.SignalAll();
}

}  // namespace chatgate
