// The real gateway under random producers, subscribers and kills. Everything
// that is asked of it and said by it is recorded, and held against each
// guarantee by name; then each seeded bug is planted into the same history, and
// must be caught.
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "absl/strings/numbers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/robustness/checker.h"
#include "tests/robustness/scenario.h"
#include "tests/robustness/seeded_bugs.h"
#include "tests/support/status_matchers.h"

namespace chatgate::robustness {
namespace {

unsigned FromEnvironment(const char* name, unsigned fallback) {
  const char* text = std::getenv(name);
  unsigned value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : fallback;
}

CheckerLimits Limits() {
  CheckerLimits limits;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // They keep what was freed, and shadows of it all.
  limits.memory_kib_max *= 8;
#endif
  return limits;
}

TEST(RobustnessTest, EveryGuaranteeHoldsThroughKills) {
  const unsigned seed =
      FromEnvironment("CHATGATE_TEST_SEED", std::random_device()());
  const unsigned seconds = FromEnvironment("CHATGATE_ROBUSTNESS_SECONDS", 30);
  std::cout << "CHATGATE_TEST_SEED=" << seed
            << " CHATGATE_ROBUSTNESS_SECONDS=" << seconds << std::endl;
  Scenario scenario({.seed = seed, .time = absl::Seconds(seconds)});
  ASSERT_OK_AND_ASSIGN(const History history, scenario.Run());
  std::cout << Summary(history) << std::endl;
  ASSERT_THAT(CheckTraffic(history), IsOk());
  for (const Violation& violation : Check(history, Limits())) {
    ADD_FAILURE() << violation.guarantee << ": " << violation.detail;
  }
  std::set<std::string> caught;
  for (const SeededBug& bug : SeededBugs()) {
    History buggy = history;
    if (!bug.plant(&buggy)) continue;
    std::vector<std::string> broken;
    for (const Violation& each : Check(buggy, Limits())) {
      broken.push_back(each.guarantee);
    }
    EXPECT_THAT(broken, ::testing::Contains(bug.guarantee)) << bug.name;
    caught.insert(bug.guarantee);
  }
  EXPECT_EQ(caught.size(), 10u) << "a guarantee had nothing to be broken with";
}

}  // namespace
}  // namespace chatgate::robustness
