#include "server/hub/hub.h"

#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/mutex.h"

namespace chatgate {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Collects wake-ups; tests wait until there are enough.
class Wakes {
 public:
  Hub::Waiter Waiter() {
    return [this](Hub::Wake wake) { Add(wake); };
  }
  void Add(Hub::Wake wake) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    wakes_.push_back(wake);
    changed_.SignalAll();
  }
  std::vector<Hub::Wake> Await(size_t count) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (wakes_.size() < count) changed_.Wait(mu_);
    return wakes_;
  }
  std::vector<Hub::Wake> SoFar() { return Await(0); }

 private:
  Mutex mu_;
  CondVar changed_;
  std::vector<Hub::Wake> wakes_ ABSL_GUARDED_BY(mu_);
};

class HubTest : public ::testing::Test {
 protected:
  // Returns once the hub's thread has done everything before.
  void Settle() {
    Wakes settled;
    hub_->Wait(~uint64_t{0}, absl::ZeroDuration(), settled.Waiter());
    settled.Await(1);
  }

  Wakes wakes_;
  std::unique_ptr<Hub> hub_ = Hub::Create(10);
};

TEST_F(HubTest, WaiterBehindTheHeadIsWokenAtOnce) {
  hub_->Wait(9, absl::InfiniteDuration(), wakes_.Waiter());
  EXPECT_THAT(wakes_.Await(1), ElementsAre(Hub::Wake::kHead));
}

TEST_F(HubTest, WaiterAtTheHeadIsWokenWhenItMoves) {
  hub_->Wait(10, absl::InfiniteDuration(), wakes_.Waiter());
  Settle();
  EXPECT_THAT(wakes_.SoFar(), IsEmpty());
  hub_->SetHead(11);
  EXPECT_THAT(wakes_.Await(1), ElementsAre(Hub::Wake::kHead));
  EXPECT_EQ(hub_->Head(), 11u);
}

TEST_F(HubTest, TellsWhetherItIsClosed) {
  EXPECT_FALSE(hub_->closed());
  hub_->Close();
  EXPECT_TRUE(hub_->closed());
}

TEST_F(HubTest, WaiterIsCalledOnce) {
  hub_->Wait(10, absl::Milliseconds(1), wakes_.Waiter());
  hub_->SetHead(11);
  wakes_.Await(1);
  hub_->SetHead(12);
  hub_->Close();
  Settle();
  EXPECT_EQ(wakes_.SoFar().size(), 1u);
}

TEST_F(HubTest, LowerHeadChangesNothing) {
  hub_->SetHead(3);
  EXPECT_EQ(hub_->Head(), 10u);
}

TEST_F(HubTest, OneMoveWakesAllThatAreBehind) {
  for (int i = 0; i < 1000; ++i) {
    hub_->Wait(10 + i % 2, absl::InfiniteDuration(), wakes_.Waiter());
  }
  hub_->SetHead(11);
  wakes_.Await(500);
  Settle();
  EXPECT_EQ(wakes_.SoFar().size(), 500u);
  hub_->SetHead(12);
  EXPECT_THAT(wakes_.Await(1000), Each(Hub::Wake::kHead));
}

TEST_F(HubTest, WaiterIsToldOfItsTimeout) {
  hub_->Wait(10, absl::Milliseconds(1), wakes_.Waiter());
  EXPECT_THAT(wakes_.Await(1), ElementsAre(Hub::Wake::kTimeout));
}

// A later, shorter wait must not sleep as long as an earlier one.
TEST_F(HubTest, ShorterWaitEndsFirst) {
  Wakes longer;
  const Hub::Ticket ticket = hub_->Wait(10, absl::Hours(1), longer.Waiter());
  Settle();
  hub_->Wait(10, absl::Milliseconds(1), wakes_.Waiter());
  wakes_.Await(1);
  EXPECT_TRUE(hub_->Cancel(ticket));
}

TEST_F(HubTest, TimeThatHasPassedIsATimeout) {
  hub_->Wait(10, -absl::InfiniteDuration(), wakes_.Waiter());
  EXPECT_THAT(wakes_.Await(1), ElementsAre(Hub::Wake::kTimeout));
}

TEST_F(HubTest, CancelledWaiterIsNotCalled) {
  const Hub::Ticket ticket = hub_->Wait(10, absl::Hours(1), wakes_.Waiter());
  EXPECT_TRUE(hub_->Cancel(ticket));
  hub_->SetHead(11);
  Settle();
  EXPECT_THAT(wakes_.SoFar(), IsEmpty());
}

TEST_F(HubTest, CancelAfterTheCallIsFalse) {
  const Hub::Ticket ticket =
      hub_->Wait(9, absl::InfiniteDuration(), wakes_.Waiter());
  Settle();
  EXPECT_FALSE(hub_->Cancel(ticket));
}

// What a waiter refers to may be freed once Cancel has returned.
TEST_F(HubTest, CancelWaitsForARunningWaiter) {
  Wakes started;
  Wakes release;
  std::atomic<bool> finished = false;
  const Hub::Ticket ticket =
      hub_->Wait(9, absl::InfiniteDuration(), [&](Hub::Wake wake) {
        started.Add(wake);
        release.Await(1);
        finished = true;
      });
  started.Await(1);
  std::thread releaser([&] { release.Add(Hub::Wake::kHead); });
  EXPECT_FALSE(hub_->Cancel(ticket));
  EXPECT_TRUE(finished);
  releaser.join();
}

TEST_F(HubTest, WaiterThatIsDueCanStillBeCancelled) {
  Wakes started;
  Wakes release;
  hub_->Wait(9, absl::InfiniteDuration(), [&](Hub::Wake wake) {
    started.Add(wake);
    release.Await(1);
  });
  started.Await(1);
  const Hub::Ticket ticket =
      hub_->Wait(9, absl::InfiniteDuration(), wakes_.Waiter());
  EXPECT_TRUE(hub_->Cancel(ticket));
  release.Add(Hub::Wake::kHead);
  Settle();
  EXPECT_THAT(wakes_.SoFar(), IsEmpty());
}

TEST_F(HubTest, CancelFreesWhatTheWaiterOwns) {
  auto owned = std::make_shared<int>(1);
  const Hub::Ticket ticket =
      hub_->Wait(10, absl::InfiniteDuration(), [owned](Hub::Wake) {});
  hub_->Cancel(ticket);
  EXPECT_EQ(owned.use_count(), 1);
}

TEST_F(HubTest, CloseWakesPresentAndFutureWaiters) {
  hub_->Wait(10, absl::InfiniteDuration(), wakes_.Waiter());
  hub_->Close();
  hub_->Wait(9, absl::InfiniteDuration(), wakes_.Waiter());
  EXPECT_THAT(wakes_.Await(2), Each(Hub::Wake::kClosed));
}

TEST_F(HubTest, DestructorWakesEveryWaiter) {
  for (int i = 0; i < 100; ++i) {
    hub_->Wait(10, absl::InfiniteDuration(), wakes_.Waiter());
  }
  hub_.reset();
  EXPECT_EQ(wakes_.SoFar().size(), 100u);
  EXPECT_THAT(wakes_.SoFar(), Each(Hub::Wake::kClosed));
}

TEST_F(HubTest, WaiterMayWaitAgain) {
  hub_->Wait(10, absl::InfiniteDuration(), [this](Hub::Wake) {
    hub_->Wait(11, absl::InfiniteDuration(), wakes_.Waiter());
  });
  hub_->SetHead(11);
  Settle();
  EXPECT_THAT(wakes_.SoFar(), IsEmpty());
  hub_->SetHead(12);
  EXPECT_THAT(wakes_.Await(1), ElementsAre(Hub::Wake::kHead));
}

// Every waiter is either called or cancelled, never both and never neither.
TEST_F(HubTest, RandomWaitsAndCancelsLoseNobody) {
  constexpr int kThreads = 4;
  constexpr int kWaits = 500;
  std::atomic<int> called = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<int> running = kThreads;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::minstd_rand random(t + 1);
      for (int i = 0; i < kWaits; ++i) {
        const Hub::Ticket ticket = hub_->Wait(
            hub_->Head() + random() % 3, absl::Microseconds(random() % 500),
            [&](Hub::Wake) { ++called; });
        if (random() % 2 == 0 && hub_->Cancel(ticket)) ++cancelled;
      }
      --running;
    });
  }
  for (uint64_t head = 11; running > 0; ++head) hub_->SetHead(head);
  for (std::thread& thread : threads) thread.join();
  hub_.reset();
  EXPECT_EQ(called + cancelled, kThreads * kWaits);
}

}  // namespace
}  // namespace chatgate
