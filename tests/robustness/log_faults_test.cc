// A gateway that has a fault, under the same traffic and kills as the sound one
// of robustness_test: the checker must name the guarantee that it breaks.
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/robustness/checker.h"
#include "tests/robustness/faulty_log.h"
#include "tests/robustness/scenario.h"
#include "tests/support/status_matchers.h"

namespace chatgate::robustness {
namespace {

class LogFaultsTest : public ::testing::TestWithParam<LogFault> {};

TEST_P(LogFaultsTest, IsCaughtByName) {
  const ScenarioOptions options = {
      .seed = 1,
      .time = absl::Seconds(2),
      .answers_min = 200,
      .kills_min = 2,
      .program = {"faulty_gateway", "--fault", GetParam().name}};
  Scenario scenario(options);
  ASSERT_OK_AND_ASSIGN(const History history, scenario.Run());
  std::cout << Summary(history) << std::endl;
  ASSERT_THAT(CheckTraffic(history, {.events = 150,
                                     .deliveries = 300,
                                     .kills = 2,
                                     .repeats = 5,
                                     .resumed = 3,
                                     .snapshots = 1,
                                     .timed = 1,
                                     .lists = 1}),
              IsOk());
  std::set<std::string> broken;
  for (const Violation& violation : Check(history)) {
    if (broken.insert(violation.guarantee).second) {
      std::cout << violation.guarantee << ": " << violation.detail << std::endl;
    }
  }
  EXPECT_THAT(broken, ::testing::Contains(GetParam().guarantee));
}

INSTANTIATE_TEST_SUITE_P(All, LogFaultsTest, ::testing::ValuesIn(LogFaults()),
                         [](const ::testing::TestParamInfo<LogFault>& info) {
                           return info.param.name;
                         });

TEST(LogFaultTest, EveryGuaranteeHasOne) {
  std::set<std::string> guarantees;
  for (const LogFault& fault : LogFaults()) guarantees.insert(fault.guarantee);
  EXPECT_THAT(guarantees,
              ::testing::UnorderedElementsAre(
                  "Durable", "Ordered", "Unique", "Resumable", "Gap-honest",
                  "Bounded", "Once", "Snapshot", "Timed", "Listed"));
}

}  // namespace
}  // namespace chatgate::robustness
