#include "server/service/reader_pool.h"

#include <utility>

namespace chatgate {

ReaderPool::ReaderPool(int threads, size_t queue_max) : queue_max_(queue_max) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

ReaderPool::~ReaderPool() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
  }
  changed_.SignalAll();
  for (std::thread& thread : threads_) thread.join();
}

bool ReaderPool::Submit(Task task, Turn turn) {
  {
    MutexLock lock(mu_);
    if (first_.size() + in_line_.size() >= queue_max_) return false;
    (turn == Turn::kFirst ? first_ : in_line_).push_back(std::move(task));
  }
  changed_.Signal();
  return true;
}

bool ReaderPool::HasWaiting() const {
  MutexLock lock(mu_);
  return !first_.empty() || !in_line_.empty();
}

void ReaderPool::Run() {
  while (true) {
    Task task;
    {
      MutexLock lock(mu_);
      while (first_.empty() && in_line_.empty() && !stopping_) {
        changed_.Wait(mu_);
      }
      std::deque<Task>& next = first_.empty() ? in_line_ : first_;
      if (next.empty()) return;
      task = std::move(next.front());
      next.pop_front();
    }
    task();
  }
}

}  // namespace chatgate
