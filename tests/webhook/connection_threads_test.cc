#include "webhook/connection_threads.h"

#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;

// Connections that are idle from the beginning, unless told, until their other
// side says or closes something.
class ConnectionThreadsTest : public ::testing::Test {
 protected:
  ~ConnectionThreadsTest() override {
    threads_ = nullptr;
    for (const int far : far_) ::close(far);
  }

  void Start(size_t connections_max,
             absl::Duration reclaim_after = absl::ZeroDuration()) {
    threads_ = std::make_unique<ConnectionThreads>(
        connections_max, reclaim_after,
        [this](OpenConnection& connection) { Serve(connection); });
  }
  // The number of a new connection, from 0; -1 where it was refused.
  int Connect() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const int number = static_cast<int>(far_.size());
    {
      MutexLock lock(mu_);
      numbers_[ends[0]] = number;
    }
    if (!threads_->TryServe(ends[0])) {
      ::close(ends[0]);
      ::close(ends[1]);
      return -1;
    }
    far_.push_back(ends[1]);
    MutexLock lock(mu_);
    while (!begun_.contains(number)) changed_.Wait(mu_);
    return number;
  }
  // What ended as reclaimed, once so many have.
  std::vector<int> AwaitReclaimed(size_t count) {
    MutexLock lock(mu_);
    while (reclaimed_.size() < count) changed_.Wait(mu_);
    return reclaimed_;
  }

  bool idle_ = true;  // Of connections made from now on.
  std::unique_ptr<ConnectionThreads> threads_;
  std::vector<int> far_;  // By number.

 private:
  void Serve(OpenConnection& connection) {
    int number;
    if (idle_) connection.BeginIdle();
    {
      MutexLock lock(mu_);
      number = numbers_.at(connection.socket());
      begun_.insert(number);
      changed_.SignalAll();
    }
    char byte;
    (void)::recv(connection.socket(), &byte, 1, 0);
    const bool reclaimed = !connection.EndIdle();
    MutexLock lock(mu_);
    if (reclaimed) reclaimed_.push_back(number);
    changed_.SignalAll();
  }

  Mutex mu_;
  CondVar changed_;
  std::map<int, int> numbers_ ABSL_GUARDED_BY(mu_);  // By socket.
  std::set<int> begun_ ABSL_GUARDED_BY(mu_);
  std::vector<int> reclaimed_ ABSL_GUARDED_BY(mu_);
};

TEST_F(ConnectionThreadsTest, TheOneThatWasIdleLongestMakesRoom) {
  Start(3);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Connect(), i);
  EXPECT_EQ(Connect(), 3);
  EXPECT_THAT(AwaitReclaimed(1), ElementsAre(0));
  EXPECT_EQ(Connect(), 4);
  EXPECT_THAT(AwaitReclaimed(2), ElementsAre(0, 1));
}

TEST_F(ConnectionThreadsTest, ThoseInUseStay) {
  Start(2);
  idle_ = false;
  ASSERT_EQ(Connect(), 0);
  idle_ = true;
  ASSERT_EQ(Connect(), 1);
  EXPECT_EQ(Connect(), 2);
  EXPECT_THAT(AwaitReclaimed(1), ElementsAre(1));
}

TEST_F(ConnectionThreadsTest, WhereAllAreInUseTheNextIsRefused) {
  Start(2);
  idle_ = false;
  ASSERT_EQ(Connect(), 0);
  ASSERT_EQ(Connect(), 1);
  EXPECT_EQ(Connect(), -1);
}

TEST_F(ConnectionThreadsTest, OneThatHasJustBecomeIdleIsInUse) {
  Start(1, absl::Hours(1));
  ASSERT_EQ(Connect(), 0);
  EXPECT_EQ(Connect(), -1);
}

TEST_F(ConnectionThreadsTest, WithoutATimeNothingIsReclaimed) {
  Start(1, absl::InfiniteDuration());
  ASSERT_EQ(Connect(), 0);
  EXPECT_EQ(Connect(), -1);
}

// However many come: each takes one place and no more.
TEST_F(ConnectionThreadsTest, ManyNewOnesTakeOnePlaceEach) {
  Start(4);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(Connect(), i);
  AwaitReclaimed(96);
  while (threads_->open() > 4) std::this_thread::yield();
  EXPECT_EQ(AwaitReclaimed(96).size(), 96u);
}

}  // namespace
}  // namespace chatgate
