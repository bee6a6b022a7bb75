// What one caller does must not make another one wait: simulated minutes.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/budget/budget_simulation.h"

namespace chatgate {
namespace {

constexpr int kLimit = 60;
constexpr absl::Duration kSlotTime = absl::Seconds(60 / kLimit);

class FairnessTest : public ::testing::Test {
 protected:
  static std::unique_ptr<PlatformModel> Platform() {
    return PlatformModels()[1].make(kLimit, absl::ZeroDuration());
  }

  // Always `calls` waiting.
  void Flood(BudgetSimulation& simulation, const std::string& caller,
             v1::Priority priority, int calls) {
    for (int i = 0; i < calls; ++i) FloodOnce(simulation, caller, priority);
  }
  void FloodOnce(BudgetSimulation& simulation, const std::string& caller,
                 v1::Priority priority) {
    simulation.Ask({priority, caller, "List"}, [this, &simulation, caller,
                                                priority](const auto& outcome) {
      if (outcome.granted) ++granted_[caller];
      const absl::Duration pause =
          outcome.granted ? absl::Milliseconds(1) : absl::Seconds(1);
      simulation.At(std::max(pause_until_, simulation.now() + pause),
                    [this, &simulation, caller, priority] {
                      FloodOnce(simulation, caller, priority);
                    });
    });
  }

  // Replies of one caller at random moments; how long each waited.
  struct Replies {
    double a_minute;
    int reserve;
  };
  std::vector<absl::Duration> ReplyWaits(const Replies& replies, bool flooded) {
    BudgetSimulation::Options options;
    options.scheduler.reply_reserve = replies.reserve;
    BudgetSimulation simulation(options, Platform(), 11);
    if (flooded) Flood(simulation, "flood", v1::BULK, 500);
    std::vector<absl::Duration> waits;
    std::mt19937 random(7);
    std::exponential_distribution<double> pause(replies.a_minute);
    absl::Time at = simulation.now();
    for (int i = 0; i < 3000; ++i) {
      at += absl::Minutes(pause(random));
      simulation.At(at, [&simulation, &waits] {
        simulation.Ask({v1::REPLY, "people", "Reply"},
                       [&waits](const auto& outcome) {
                         EXPECT_TRUE(outcome.granted);
                         waits.push_back(outcome.waited);
                       });
      });
    }
    simulation.RunFor(at - simulation.now() + absl::Minutes(2));
    EXPECT_EQ(waits.size(), 3000u);
    return waits;
  }

  // By how much the flood moved each reply, least first: the same replies, at
  // the same moments, with and without it.
  std::vector<absl::Duration> MovedByAFlood(const Replies& replies) {
    const std::vector<absl::Duration> alone = ReplyWaits(replies, false);
    const std::vector<absl::Duration> flooded = ReplyWaits(replies, true);
    std::vector<absl::Duration> moved;
    for (size_t i = 0; i < alone.size(); ++i) {
      moved.push_back(flooded[i] - alone[i]);
    }
    std::sort(moved.begin(), moved.end());
    // It was a flood: it took what the replies left.
    EXPECT_GT(granted_["flood"], 1000);
    return moved;
  }

  // Replies at whatever moments, but in no time more than are promised a slot:
  // as many as the reserve together, and then half of what others may have in
  // each 60 seconds.
  class PromisedReplies {
   public:
    PromisedReplies(BudgetSimulation& simulation,
                    const SchedulerOptions& scheduler)
        : simulation_(simulation),
          slot_time_(absl::Seconds(60) / scheduler.limit),
          at_once_(scheduler.reply_reserve),
          a_second_((scheduler.limit - scheduler.reply_reserve) / 120.0),
          left_(at_once_) {}

    // As many as are promised, as early as they may, at times of `haste`, and
    // with pauses between.
    void Begin() {
      const absl::Time now = simulation_.now();
      left_ = std::min(
          at_once_, left_ + a_second_ * absl::ToDoubleSeconds(now - filled_));
      filled_ = now;
      if (left_ >= 1) {
        left_ -= 1;
        Ask();
      }
      if (std::bernoulli_distribution(0.02)(simulation_.random())) {
        pause_ = 2 / a_second_ *
                 std::exponential_distribution<double>()(simulation_.random());
      }
      const double seconds = pause_ * std::exponential_distribution<double>()(
                                          simulation_.random());
      simulation_.At(now + absl::Seconds(seconds), [this] { Begin(); });
    }

    int64_t asked() const { return asked_; }

   private:
    void Ask() {
      ++asked_;
      simulation_.Ask({v1::REPLY, "people", "Reply"},
                      [this](const auto& outcome) {
                        EXPECT_TRUE(outcome.granted);
                        EXPECT_LE(outcome.waited, slot_time_);
                      });
    }

    BudgetSimulation& simulation_;
    const absl::Duration slot_time_;
    const double at_once_;
    const double a_second_;
    double left_;
    absl::Time filled_ = absl::FromUnixSeconds(1'700'000'000);
    double pause_ = 0;
    int64_t asked_ = 0;
  };

  std::map<std::string, int> granted_;
  absl::Time pause_until_ = absl::InfinitePast();  // Of every flood.
};

// A sanitizer looks at memory, which a tenth of the time shows as well.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kShare = 10;
#else
constexpr int kShare = 1;
#endif

// Whatever else is asked for, and whenever that begins and ends.
TEST_F(FairnessTest, NoFloodMovesThePromisedRepliesByMoreThanASlotTime) {
  absl::Duration simulated;
  uint32_t seed = 1;
  for (const auto& [limit, reserve] : {std::pair(60, 6), std::pair(60, 20),
                                       std::pair(30, 3), std::pair(120, 12)}) {
    SchedulerOptions scheduler;
    scheduler.limit = limit;
    scheduler.reply_reserve = reserve;
    for (const NamedModel& model : PlatformModels()) {
      for (const absl::Duration road :
           {absl::Milliseconds(200), absl::Seconds(10)}) {
        SCOPED_TRACE(absl::StrCat(scheduler.limit, " with ",
                                  scheduler.reply_reserve, ", ", model.name,
                                  ", ", absl::FormatDuration(road)));
        BudgetSimulation::Options options;
        options.scheduler = scheduler;
        options.out_max = options.back_max = road;
        options.not_sent = 0.02;
        BudgetSimulation simulation(
            options, model.make(scheduler.limit, absl::Seconds(seed * 7 % 60)),
            seed);
        ++seed;
        pause_until_ = absl::InfinitePast();
        PromisedReplies replies(simulation, scheduler);
        replies.Begin();
        Flood(simulation, "lists", v1::BULK, 100);
        Flood(simulation, "changes", v1::MUTATION, 100);
        std::uniform_int_distribution<int> seconds(1, 400);
        const absl::Time end = simulation.now() + absl::Minutes(420 / kShare);
        while (simulation.now() < end) {
          simulation.RunFor(absl::Seconds(seconds(simulation.random())));
          pause_until_ = simulation.now() +
                         absl::Seconds(seconds(simulation.random()) / 4);
        }
        EXPECT_EQ(simulation.too_many(), 0);
        EXPECT_GT(replies.asked(), 1000 / kShare);
        EXPECT_GT(simulation.arrived(), 2 * replies.asked());
        simulated += absl::Minutes(420 / kShare);
      }
    }
  }
  EXPECT_GE(simulated, absl::Minutes(10'000 / kShare));
}

// At random moments, with the default reserve: more than are promised a slot
// come together hardly ever.
TEST_F(FairnessTest, AFloodOfListsMovesNoReplyByMoreThanASlotTime) {
  for (const double a_minute : {2, 5, 10, 20}) {
    EXPECT_LE(MovedByAFlood({a_minute, 6}).back(), kSlotTime) << a_minute;
  }
}

// With more than are promised.
TEST_F(FairnessTest, AFloodMovesFewRepliesWhereTheyAreHalfOfTheLimit) {
  const std::vector<absl::Duration> moved = MovedByAFlood({30, 6});
  EXPECT_LE(moved[moved.size() * 98 / 100], kSlotTime);
}

TEST_F(FairnessTest, CallersShareByTheirWeights) {
  BudgetSimulation::Options options;
  options.scheduler.weights = {{"heavy", 3}};
  BudgetSimulation simulation(options, Platform(), 3);
  Flood(simulation, "heavy", v1::BULK, 50);
  Flood(simulation, "light", v1::BULK, 300);
  simulation.RunFor(absl::Minutes(100));
  EXPECT_NEAR(granted_["heavy"] / static_cast<double>(granted_["light"]), 3,
              0.05);
}

TEST_F(FairnessTest, WhatOneDoesNotUseIsTheOthers) {
  BudgetSimulation simulation({}, Platform(), 3);
  Flood(simulation, "only", v1::BULK, 50);
  simulation.RunFor(absl::Minutes(100));
  // All but the reserve of the replies.
  EXPECT_GE(granted_["only"], 0.98 * 54 * 100);
}

TEST_F(FairnessTest, AFloodOfChangesDoesNotStarveReads) {
  BudgetSimulation simulation({}, Platform(), 3);
  Flood(simulation, "changes", v1::MUTATION, 200);
  Flood(simulation, "reads", v1::BULK, 200);
  simulation.RunFor(absl::Minutes(100));
  EXPECT_NEAR(granted_["reads"] / static_cast<double>(granted_["changes"]),
              1.0 / WaitingLine::kTurnAfter, 0.01);
}

// The room where calls wait is shared as well.
TEST_F(FairnessTest, AFloodLeavesRoomToWaitForOthers) {
  BudgetSimulation simulation({}, Platform(), 3);
  Flood(simulation, "flood", v1::BULK, 1100);
  simulation.RunFor(absl::Minutes(5));
  int granted = 0;
  for (int i = 0; i < 100; ++i) {
    simulation.Ask(
        {v1::BULK, "other", "List", simulation.now() + absl::Minutes(10)},
        [&](const auto& outcome) { granted += outcome.granted; });
  }
  simulation.RunFor(absl::Minutes(10));
  EXPECT_EQ(granted, 100);
}

// A refusal tells when: whoever comes back then is served, while nobody else
// does anything.
TEST_F(FairnessTest, WhoIsToldWhenToComeBackIsServedThen) {
  BudgetSimulation simulation({}, Platform(), 3);
  for (int i = 0; i < 200; ++i) {
    simulation.Ask({v1::BULK, "early", "List"}, [](const auto&) {});
  }
  simulation.RunFor(absl::Minutes(1));
  absl::Duration start_in;
  simulation.Ask({v1::BULK, "late", "List", simulation.now()},
                 [&](const auto& outcome) {
                   EXPECT_FALSE(outcome.granted);
                   start_in = outcome.start_in;
                 });
  ASSERT_GT(start_in, absl::ZeroDuration());
  simulation.RunFor(start_in + kSlotTime);
  bool granted = false;
  simulation.Ask({v1::BULK, "late", "List", simulation.now() + 3 * kSlotTime},
                 [&](const auto& outcome) { granted = outcome.granted; });
  simulation.RunFor(3 * kSlotTime);
  EXPECT_TRUE(granted);
}

}  // namespace
}  // namespace chatgate
