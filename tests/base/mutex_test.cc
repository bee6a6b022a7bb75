#include "server/base/mutex.h"

#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace chatgate {
namespace {

class Counter {
 public:
  void Increment() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    ++value_;
    changed_.SignalAll();
  }
  int AwaitAtLeast(int value) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (value_ < value) changed_.Wait(mu_);
    return value_;
  }
  bool WaitInVain() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    return changed_.WaitFor(mu_, absl::Milliseconds(1));
  }

 private:
  Mutex mu_;
  CondVar changed_;
  int value_ ABSL_GUARDED_BY(mu_) = 0;
};

TEST(MutexTest, WaitersSeeWhatWasChangedUnderTheLock) {
  Counter counter;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) counter.Increment();
    });
  }
  EXPECT_EQ(counter.AwaitAtLeast(4000), 4000);
  for (std::thread& thread : threads) thread.join();
}

TEST(MutexTest, WaitForTellsThatTheTimePassed) {
  Counter counter;
  EXPECT_FALSE(counter.WaitInVain());
}

}  // namespace
}  // namespace chatgate
