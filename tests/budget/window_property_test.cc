// No 60 seconds at the platform ever hold more requests than it allows, however
// it counts and however long requests take: more than 10,000 simulated minutes
// without one 429, while nearly everything that is allowed is used.
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/budget/budget_simulation.h"

namespace chatgate {
namespace {

constexpr int kLimit = 60;

struct Roads {
  std::string name;
  absl::Duration out_max;
  absl::Duration back_max;
  double floor;  // Requests a minute at least, as a part of the limit.
};

// A slot is held for as long as the request takes, so that long roads cost.
const std::vector<Roads>& AllRoads() {
  static const auto& roads = *new std::vector<Roads>{
      {"no delay", absl::ZeroDuration(), absl::ZeroDuration(), 0.99},
      {"near", absl::Milliseconds(80), absl::Milliseconds(80), 0.99},
      {"slow out", absl::Seconds(20), absl::Milliseconds(50), 0.90},
      {"slow both", absl::Seconds(19), absl::Seconds(60), 0.72},
  };
  return roads;
}

class WindowPropertyTest : public ::testing::Test {
 protected:
  // Three callers that always have calls waiting, some of each class; now and
  // then everybody pauses, so that the next begin all at once.
  void KeepAsking(BudgetSimulation& simulation, int calls) {
    for (int i = 0; i < calls; ++i) AskAgain(simulation, i);
  }

  void AskAgain(BudgetSimulation& simulation, int i) {
    BudgetAsk ask;
    ask.priority = i % 4 == 0 ? v1::REPLY : v1::Priority(v1::MUTATION + i % 3);
    ask.caller = absl::StrCat("caller ", i % 3);
    simulation.Ask(ask, [this, &simulation, i](const auto&) {
      absl::Time next = simulation.now() + absl::Milliseconds(1);
      next = std::max(next, pause_until_);
      simulation.At(next, [this, &simulation, i] { AskAgain(simulation, i); });
    });
  }

  absl::Time pause_until_ = absl::InfinitePast();
};

// A sanitizer looks at memory, which a tenth of the time shows as well.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kShare = 10;
#else
constexpr int kShare = 1;
#endif

TEST_F(WindowPropertyTest, TenThousandMinutesWithoutA429) {
  constexpr absl::Duration kTime = absl::Minutes(900 / kShare);
  uint32_t seed = 1;
  int64_t minutes = 0;
  for (const NamedModel& model : PlatformModels()) {
    for (const Roads& roads : AllRoads()) {
      SCOPED_TRACE(absl::StrCat(model.name, ", ", roads.name, ", seed ", seed));
      BudgetSimulation::Options options;
      options.out_max = roads.out_max;
      options.back_max = roads.back_max;
      options.not_sent = 0.02;
      BudgetSimulation simulation(
          options, model.make(kLimit, absl::Seconds(seed * 7 % 60)), seed);
      KeepAsking(simulation, 100);
      simulation.RunFor(kTime);

      EXPECT_EQ(simulation.too_many(), 0);
      const double possible = kLimit * absl::ToDoubleMinutes(kTime);
      EXPECT_GE(simulation.arrived() / possible, roads.floor);
      minutes += absl::ToInt64Minutes(kTime);
      ++seed;
    }
  }
  EXPECT_GE(minutes, 10'000 / kShare);
}

// What was under way when the process died may still be on its way.
TEST_F(WindowPropertyTest, ARestartAtAnyMomentCausesNo429) {
  uint32_t seed = 100;
  for (const NamedModel& model : PlatformModels()) {
    for (const Roads& roads : AllRoads()) {
      SCOPED_TRACE(absl::StrCat(model.name, ", ", roads.name, ", seed ", seed));
      BudgetSimulation::Options options;
      options.out_max = roads.out_max;
      options.back_max = roads.back_max;
      options.straggler_max = absl::Seconds(20);
      BudgetSimulation simulation(
          options, model.make(kLimit, absl::Seconds(seed * 7 % 60)), seed);
      KeepAsking(simulation, 100);
      std::uniform_int_distribution<int> seconds(1, 180);
      for (int i = 0; i < 100; ++i) {
        simulation.RunFor(absl::Seconds(seconds(simulation.random())));
        simulation.Restart();
      }
      EXPECT_EQ(simulation.too_many(), 0);
      EXPECT_GT(simulation.arrived(), 3000);
      ++seed;
    }
  }
}

// A timeout is no proof that the platform has counted the request.
TEST_F(WindowPropertyTest, TimeoutsCauseNo429) {
  uint32_t seed = 300;
  for (const NamedModel& model : PlatformModels()) {
    SCOPED_TRACE(absl::StrCat(model.name, ", seed ", seed));
    BudgetSimulation::Options options;
    options.out_max = absl::Seconds(20);
    options.patience_max = absl::Seconds(5);
    BudgetSimulation simulation(
        options, model.make(kLimit, absl::Seconds(seed * 7 % 60)), seed);
    KeepAsking(simulation, 100);
    simulation.RunFor(absl::Minutes(300));
    EXPECT_EQ(simulation.too_many(), 0);
    EXPECT_GT(simulation.given_up(), 3000);
    EXPECT_GT(simulation.arrived(), 0.7 * kLimit * 300);
    ++seed;
  }
}

TEST_F(WindowPropertyTest, PausesAndBurstsCauseNo429) {
  uint32_t seed = 200;
  for (const NamedModel& model : PlatformModels()) {
    SCOPED_TRACE(absl::StrCat(model.name, ", seed ", seed));
    BudgetSimulation::Options options;
    options.out_max = absl::Seconds(2);
    BudgetSimulation simulation(
        options, model.make(kLimit, absl::Seconds(seed * 7 % 60)), seed);
    pause_until_ = absl::InfinitePast();
    KeepAsking(simulation, 100);
    std::uniform_int_distribution<int> seconds(1, 130);
    for (int i = 0; i < 200; ++i) {
      simulation.RunFor(absl::Seconds(seconds(simulation.random())));
      pause_until_ =
          simulation.now() + absl::Seconds(seconds(simulation.random()));
    }
    EXPECT_EQ(simulation.too_many(), 0);
    EXPECT_GT(simulation.arrived(), 6000);
    ++seed;
  }
}

// The test can fail: a slot that is free at once is found out by each model.
TEST_F(WindowPropertyTest, TheModelsNoticeOneRequestTooMany) {
  for (const NamedModel& model : PlatformModels()) {
    const auto platform = model.make(kLimit, absl::ZeroDuration());
    const absl::Time now = absl::FromUnixSeconds(1'700'000'040);
    int refused = 0;
    for (int i = 0; i <= kLimit; ++i) {
      refused += platform->Arrive(now + absl::Milliseconds(i)) ? 0 : 1;
    }
    EXPECT_EQ(refused, 1) << model.name;
  }
}

// Somebody else uses half of the key: the limit is learned, and few are lost.
TEST_F(WindowPropertyTest, ASharedKeyIsLearned) {
  for (const NamedModel& model : PlatformModels()) {
    SCOPED_TRACE(model.name);
    BudgetSimulation simulation(
        {}, model.make(kLimit / 2, absl::ZeroDuration()), 5);
    KeepAsking(simulation, 100);
    simulation.RunFor(absl::Minutes(300));
    const double good = simulation.arrived() - simulation.too_many();
    EXPECT_GE(good / (300 * kLimit / 2), 0.8);
    EXPECT_LE(simulation.too_many() / good, 0.02);
  }
}

}  // namespace
}  // namespace chatgate
