#include "server/outbox/delivery_queue.h"

#include "tests/outbox/outbox_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

constexpr absl::Duration kFast;
constexpr absl::Duration kSlow = absl::Seconds(2);

// The queue alone, over the tables of an outbox that is not started: each of
// three targets has a lane for each of many conversations.
class DeliveryQueueTest : public OutboxFixture {
 protected:
  void SetUp() override {
    AddTarget("b.example");
    AddTarget("c.example");
    Open();
    std::vector<v1::Event> events;
    for (int i = 0; i < 50; ++i) events.push_back(MessageEvent(i + 1, i + 1));
    Append(events);
    for (int i = 0; i < 3; ++i) ids_.push_back(Target(i).id());
  }

  void OpenQueue(const DeliveryQueueOptions& options) {
    queue_ = std::make_unique<DeliveryQueue>(*store_, clock_, ids_, options);
  }
  // As if everything of it had been posted; the deliveries stay due.
  void Finish(const LaneRun& run, absl::Duration slowest) {
    queue_->Finish(run, DeliveryQueue::Answer::kSome, slowest);
  }
  // The next run, which must be of the target at `index`.
  LaneRun Take(int index) {
    std::optional<LaneRun> run = queue_->Take();
    EXPECT_TRUE(run.has_value());
    EXPECT_EQ(run->target_id, ids_[index]);
    return *std::move(run);
  }

  std::vector<int64_t> ids_;
  std::unique_ptr<DeliveryQueue> queue_;
};

TEST_F(DeliveryQueueTest, TargetsTakeTurns) {
  OpenQueue({});
  for (int round = 0; round < 3; ++round) {
    for (int target = 0; target < 3; ++target) Finish(Take(target), kFast);
  }
}

// Otherwise the one that comes first would have every place that is free.
TEST_F(DeliveryQueueTest, SlowTargetsTakeTurnsThoughAFastOneIsBusy) {
  OpenQueue({.slow_in_flight_max = 1});
  Finish(Take(0), kSlow);
  Finish(Take(1), kSlow);
  Finish(Take(2), kFast);
  LaneRun first = Take(0);
  Finish(Take(2), kFast);
  Finish(first, kSlow);
  const LaneRun second = Take(1);
  Finish(Take(2), kFast);
  Finish(second, kSlow);
  Take(0);
}

TEST_F(DeliveryQueueTest, ATargetIsSlowUntilSeveralRunsWereFast) {
  OpenQueue({.in_flight_max = 2, .slow_in_flight_max = 1});
  Finish(Take(0), kSlow);
  const LaneRun b = Take(1);
  const LaneRun c = Take(2);
  // One lane at a time, and then two.
  for (int fast = 0; fast < 4; ++fast) {
    const LaneRun only = Take(0);
    const LaneRun more_of_b = Take(1);
    Finish(more_of_b, kFast);
    const LaneRun more_of_c = Take(2);
    Finish(more_of_c, kFast);
    Finish(only, kFast);
  }
  const LaneRun one = Take(0);
  Finish(Take(1), kFast);
  Finish(Take(2), kFast);
  const LaneRun two = Take(0);
  EXPECT_NE(one.lane, two.lane);
  Finish(b, kFast);
  Finish(c, kFast);
}

}  // namespace
}  // namespace chatgate
