// Webhooks are posted while the gateway is killed with -9 at random moments.
// Each one that was answered 200 must be in the log exactly once, and seq must
// have no holes.
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/mutex.h"
#include "tests/integration/event_reader.h"
#include "tests/integration/gateway.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

constexpr int kWebhooks = 2000;
constexpr int kKills = 20;
constexpr int kPosters = 8;

// Posts every webhook until it is answered 200, as the platform repeats what
// was not.
class Posters {
 public:
  explicit Posters(const Gateway& gateway) : gateway_(gateway) {
    for (int i = 0; i < kPosters; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Posters() { Join(); }
  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int answered() const { return answered_; }
  int repeated() const { return repeated_; }

  // Blocks until `count` webhooks were answered.
  void AwaitAnswered(int count) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (answered_ < count) changed_.Wait(mu_);
  }

 private:
  void Run() {
    for (int id = next_++; id <= kWebhooks; id = next_++) {
      const std::string part = LeadPart(id, 1 + id % 50, "killed at random");
      while (gateway_.PostDashly(part).status != 200) ++repeated_;
      MutexLock lock(mu_);
      ++answered_;
      changed_.SignalAll();
    }
  }

  const Gateway& gateway_;
  std::atomic<int> next_{1};
  std::atomic<int> answered_{0};
  std::atomic<int> repeated_{0};
  Mutex mu_;
  CondVar changed_;
  std::vector<std::thread> threads_;
};

TEST(KillTest, NothingThatWasAnsweredIsLostOrDoubled) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  Gateway gateway;
  ASSERT_THAT(gateway.Start(), IsOk());
  {
    Posters posters(gateway);
    for (int kill = 1; kill <= kKills; ++kill) {
      // Somewhere between this many answers and the next, in the middle of
      // whatever is then under way.
      const int slice = kWebhooks / (kKills + 1);
      posters.AwaitAnswered(slice * (kill - 1) + 1 +
                            static_cast<int>(random() % slice));
      gateway.KillHard();
      ASSERT_THAT(gateway.Start(), IsOk());
    }
    posters.Join();
    EXPECT_EQ(posters.answered(), kWebhooks);
    EXPECT_GT(posters.repeated(), 0)
        << "no kill hit a request: the run proves nothing";
  }

  v1::SubscribeRequest from_the_start;
  from_the_start.set_start(v1::START_EARLIEST);
  EventReader reader(gateway, from_the_start);
  std::map<uint64_t, int> times;
  for (uint64_t seq = 1; seq <= kWebhooks; ++seq) {
    ASSERT_OK_AND_ASSIGN(const v1::Event event, reader.Next());
    ASSERT_EQ(event.seq(), seq);
    ++times[event.dashly_conversation().conversation().id()];
  }
  EXPECT_EQ(times.size(), static_cast<size_t>(kWebhooks));
}

}  // namespace
}  // namespace chatgate
