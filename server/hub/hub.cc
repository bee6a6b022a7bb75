#include "server/hub/hub.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include "server/base/mutex.h"
#include "server/base/steady_nanos.h"

namespace chatgate {
namespace {

// A waiter is in both orders until it is due; then it stands in the line of
// those to be called, from which Cancel may still take it.
class ThreadHub final : public Hub {
 public:
  explicit ThreadHub(uint64_t head) : head_(head), thread_([this] { Run(); }) {}

  ~ThreadHub() override {
    Close();
    {
      MutexLock lock(mu_);
      stopping_ = true;
      changed_.Signal();
    }
    thread_.join();
  }

  void SetHead(uint64_t head) override ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    if (head <= head_) return;
    head_ = head;
    const bool wakes =
        !by_position_.empty() && by_position_.begin()->first < head;
    if (wakes && idle_) changed_.Signal();
  }

  uint64_t Head() const override ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return head_;
  }

  Ticket Wait(uint64_t position, absl::Duration timeout, Waiter waiter) override
      ABSL_LOCKS_EXCLUDED(mu_);
  bool Cancel(Ticket ticket) override ABSL_LOCKS_EXCLUDED(mu_);
  void Close() override ABSL_LOCKS_EXCLUDED(mu_);
  bool closed() const override ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return closed_;
  }

 private:
  static constexpr int64_t kNever = INT64_MAX;

  struct Waiting {
    Waiter waiter;
    uint64_t position;
    int64_t deadline;  // kNever, or steady nanoseconds.
    bool due = false;
    Wake wake = Wake::kHead;
  };
  using Waiters = std::unordered_map<Ticket, Waiting>;

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Moves all that are due into the line.
  void CollectDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void MakeDue(Ticket ticket, Waiting& waiting, Wake wake)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void CallFirst() ABSL_LOCKS_EXCLUDED(mu_);
  void Rest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable Mutex mu_;
  CondVar changed_;   // For the hub's thread.
  CondVar returned_;  // A waiter has returned.
  uint64_t head_ ABSL_GUARDED_BY(mu_);
  Ticket next_ticket_ ABSL_GUARDED_BY(mu_) = 1;
  Waiters waiters_ ABSL_GUARDED_BY(mu_);
  std::set<std::pair<uint64_t, Ticket>> by_position_ ABSL_GUARDED_BY(mu_);
  std::set<std::pair<int64_t, Ticket>> by_deadline_ ABSL_GUARDED_BY(mu_);
  std::deque<Ticket> line_ ABSL_GUARDED_BY(mu_);
  Ticket running_ ABSL_GUARDED_BY(mu_) = 0;  // 0: none.
  bool idle_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::thread thread_;
};

Hub::Ticket ThreadHub::Wait(uint64_t position, absl::Duration timeout,
                            Waiter waiter) {
  MutexLock lock(mu_);
  const Ticket ticket = next_ticket_++;
  Waiting& waiting = waiters_[ticket];
  waiting.waiter = std::move(waiter);
  waiting.position = position;
  waiting.deadline = timeout >= absl::Hours(24 * 365)
                         ? kNever
                         : SteadyNanos() + absl::ToInt64Nanoseconds(timeout);
  const bool first_deadline =
      by_deadline_.empty() || waiting.deadline < by_deadline_.begin()->first;
  by_position_.emplace(position, ticket);
  if (waiting.deadline != kNever)
    by_deadline_.emplace(waiting.deadline, ticket);
  if (closed_) {
    MakeDue(ticket, waiting, Wake::kClosed);
  } else if (position < head_) {
    MakeDue(ticket, waiting, Wake::kHead);
  } else if (!first_deadline) {
    return ticket;  // The thread sleeps no longer than it may.
  }
  if (idle_) changed_.Signal();
  return ticket;
}

bool ThreadHub::Cancel(Ticket ticket) {
  Waiter dropped;  // Destroyed without the lock: it may own much.
  MutexLock lock(mu_);
  const auto found = waiters_.find(ticket);
  if (found == waiters_.end()) {
    while (running_ == ticket) returned_.Wait(mu_);
    return false;
  }
  if (!found->second.due) {
    by_position_.erase({found->second.position, ticket});
    by_deadline_.erase({found->second.deadline, ticket});
  }
  // A ticket in the line without a waiter is passed over.
  dropped = std::move(found->second.waiter);
  waiters_.erase(found);
  return true;
}

void ThreadHub::Close() {
  MutexLock lock(mu_);
  closed_ = true;
  for (auto& [ticket, waiting] : waiters_) {
    if (!waiting.due) MakeDue(ticket, waiting, Wake::kClosed);
  }
  changed_.Signal();
}

void ThreadHub::MakeDue(Ticket ticket, Waiting& waiting, Wake wake) {
  by_position_.erase({waiting.position, ticket});
  by_deadline_.erase({waiting.deadline, ticket});
  waiting.due = true;
  waiting.wake = wake;
  line_.push_back(ticket);
}

void ThreadHub::CollectDue() {
  while (!by_position_.empty() && by_position_.begin()->first < head_) {
    const Ticket ticket = by_position_.begin()->second;
    MakeDue(ticket, waiters_.find(ticket)->second, Wake::kHead);
  }
  if (by_deadline_.empty()) return;
  const int64_t now = SteadyNanos();
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now) {
    const Ticket ticket = by_deadline_.begin()->second;
    MakeDue(ticket, waiters_.find(ticket)->second, Wake::kTimeout);
  }
}

void ThreadHub::CallFirst() {
  Waiter waiter;
  Wake wake;
  {
    MutexLock lock(mu_);
    if (line_.empty()) return;
    const Ticket ticket = line_.front();
    line_.pop_front();
    const auto found = waiters_.find(ticket);
    if (found == waiters_.end()) return;  // Cancelled.
    waiter = std::move(found->second.waiter);
    wake = found->second.wake;
    waiters_.erase(found);
    running_ = ticket;
  }
  waiter(wake);
  waiter = nullptr;  // What it owns goes before Cancel returns.
  MutexLock lock(mu_);
  running_ = 0;
  returned_.SignalAll();
}

void ThreadHub::Rest() {
  idle_ = true;
  if (by_deadline_.empty()) {
    changed_.Wait(mu_);
  } else {
    changed_.WaitFor(
        mu_, absl::Nanoseconds(by_deadline_.begin()->first - SteadyNanos()));
  }
  idle_ = false;
}

void ThreadHub::Run() {
  while (true) {
    size_t calls = 0;
    {
      MutexLock lock(mu_);
      CollectDue();
      // Those who wait again meanwhile have their turn after others.
      calls = line_.size();
      if (calls == 0) {
        if (stopping_) return;
        Rest();
      }
    }
    for (; calls > 0; --calls) CallFirst();
  }
}

}  // namespace

std::unique_ptr<Hub> Hub::Create(uint64_t head) {
  return std::make_unique<ThreadHub>(head);
}

}  // namespace chatgate
