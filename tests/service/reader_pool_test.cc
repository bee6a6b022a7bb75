#include "server/service/reader_pool.h"

#include <atomic>

#include "gtest/gtest.h"

namespace chatgate {
namespace {

// A gate that tasks wait at.
class Gate {
 public:
  void Pass() {
    MutexLock lock(mu_);
    ++arrived_;
    changed_.SignalAll();
    while (!open_) changed_.Wait(mu_);
  }
  void WaitForArrivals(int count) {
    MutexLock lock(mu_);
    while (arrived_ < count) changed_.Wait(mu_);
  }
  void Open() {
    MutexLock lock(mu_);
    open_ = true;
    changed_.SignalAll();
  }

 private:
  Mutex mu_;
  CondVar changed_;
  int arrived_ ABSL_GUARDED_BY(mu_) = 0;
  bool open_ ABSL_GUARDED_BY(mu_) = false;
};

TEST(ReaderPoolTest, DestructionRunsEveryAcceptedTask) {
  std::atomic<int> done = 0;
  {
    ReaderPool pool(2, 100);
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(pool.Submit([&done] { ++done; }));
    }
  }
  EXPECT_EQ(done, 100);
}

TEST(ReaderPoolTest, RefusesWhatGoesBeyondTheQueue) {
  Gate gate;
  ReaderPool pool(1, 2);
  ASSERT_TRUE(pool.Submit([&gate] { gate.Pass(); }));
  gate.WaitForArrivals(1);
  EXPECT_TRUE(pool.Submit([] {}));
  EXPECT_TRUE(pool.Submit([] {}));
  EXPECT_FALSE(pool.Submit([] {}));
  gate.Open();
}

TEST(ReaderPoolTest, TasksRunSideBySide) {
  Gate gate;
  ReaderPool pool(2, 10);
  ASSERT_TRUE(pool.Submit([&gate] { gate.Pass(); }));
  ASSERT_TRUE(pool.Submit([&gate] { gate.Pass(); }));
  gate.WaitForArrivals(2);
  gate.Open();
}

TEST(ReaderPoolTest, TheFirstGoBeforeThoseInLine) {
  Gate gate;
  std::string order;
  {
    ReaderPool pool(1, 10);
    ASSERT_TRUE(pool.Submit([&gate] { gate.Pass(); }));
    gate.WaitForArrivals(1);
    EXPECT_FALSE(pool.HasWaiting());
    ASSERT_TRUE(pool.Submit([&order] { order += "line "; }));
    ASSERT_TRUE(pool.Submit([&order] { order += "line "; }));
    ASSERT_TRUE(
        pool.Submit([&order] { order += "first "; }, ReaderPool::Turn::kFirst));
    EXPECT_TRUE(pool.HasWaiting());
    gate.Open();
  }
  EXPECT_EQ(order, "first line line ");
}

TEST(ReaderPoolTest, ATaskMaySubmitAnother) {
  Gate gate;
  ReaderPool pool(1, 10);
  ASSERT_TRUE(
      pool.Submit([&] { EXPECT_TRUE(pool.Submit([&gate] { gate.Pass(); })); }));
  gate.WaitForArrivals(1);
  gate.Open();
}

}  // namespace
}  // namespace chatgate
