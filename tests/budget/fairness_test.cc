// What one caller does must not make another one wait: simulated minutes.
#include <algorithm>
#include <string>
#include <vector>

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
      simulation.At(simulation.now() + pause,
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

  std::map<std::string, int> granted_;
};

// With a reserve for the replies of a busy minute.
TEST_F(FairnessTest, AFloodOfListsMovesNoReplyByMoreThanASlotTime) {
  for (const Replies& replies :
       {Replies{2.0, 6}, Replies{5.0, 10}, Replies{10.0, 16}}) {
    EXPECT_LE(MovedByAFlood(replies).back(), kSlotTime) << replies.a_minute;
  }
}

// With the default, which is too small for so many.
TEST_F(FairnessTest, AFloodMovesFewRepliesWhereTheReserveIsTooSmall) {
  const std::vector<absl::Duration> moved = MovedByAFlood({10.0, 6});
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
