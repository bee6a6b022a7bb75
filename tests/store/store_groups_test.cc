// Which works share a transaction, and what a failure among them means.
#include <string>
#include <utility>
#include <vector>

#include "tests/store/store_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

using Dones = std::vector<std::pair<int, absl::StatusCode>>;

constexpr absl::StatusCode kOk = absl::StatusCode::kOk;
constexpr absl::StatusCode kAborted = absl::StatusCode::kAborted;

// Works that insert their number; some of them fail afterwards.
class StoreGroupsTest : public StoreTest {
 protected:
  enum Kind { kOnce, kRepeatable };

  void SubmitInsert(int number, Kind kind, bool fails) {
    auto work = [number, fails](Transaction& transaction) {
      RETURN_IF_ERROR(Insert(transaction, number));
      return fails ? absl::AbortedError("no") : absl::OkStatus();
    };
    auto done = [this, number](const absl::Status& status) {
      dones_.emplace_back(number, status.code());
    };
    if (kind == kOnce) {
      store_->Submit(std::move(work), std::move(done));
    } else {
      store_->SubmitRepeatable(std::move(work), std::move(done));
    }
  }

  Dones dones_;
};

// Works that wait go into one transaction; one that fails must not take the
// others of its group with it.
TEST_F(StoreGroupsTest, FailedWorkLeavesTheOthersOfItsGroup) {
  Open();
  Latch release;
  HoldWriter(release);
  for (int i = 1; i <= 3; ++i) SubmitInsert(i, kOnce, i == 2);
  release.Open();
  Open();
  EXPECT_THAT(dones_, ElementsAre(std::pair(1, kOk), std::pair(2, kAborted),
                                  std::pair(3, kOk)));
  EXPECT_THAT(Values(), ElementsAre(1, 3));
}

// Works that may be repeated share a savepoint; one that fails must not take
// the others with it all the same, whoever stands between them.
TEST_F(StoreGroupsTest, FailedRepeatableWorkLeavesTheOthersOfItsGroup) {
  Open();
  Latch release;
  HoldWriter(release);
  Dones expected;
  for (int i = 1; i <= 9; ++i) {
    SubmitInsert(i, i == 5 ? kOnce : kRepeatable, i % 3 == 0);
    expected.emplace_back(i, i % 3 == 0 ? kAborted : kOk);
  }
  release.Open();
  Open();
  EXPECT_THAT(Values(), ElementsAre(1, 2, 4, 5, 7, 8));
  EXPECT_EQ(dones_, expected);
}

// What is undone to be run again must not be told of twice.
TEST_F(StoreTest, HooksOfRepeatedWorksRunOnce) {
  Open();
  Latch release;
  std::vector<std::string> calls;
  HoldWriter(release);
  for (const std::string name : {"a", "b", "c"}) {
    store_->SubmitRepeatable(
        [&calls, name](Transaction& transaction) {
          calls.push_back("run " + name);
          transaction.OnCommit([&calls, name] { calls.push_back("+" + name); });
          transaction.OnRollback(
              [&calls, name] { calls.push_back("-" + name); });
          return name == "b" ? absl::AbortedError("no") : absl::OkStatus();
        },
        [](const absl::Status&) {});
  }
  release.Open();
  EXPECT_THAT(store_->Write(Inserting(1)), IsOk());
  EXPECT_THAT(calls, ElementsAre("run a", "run b", "-b", "-a", "run a", "run b",
                                 "-b", "run c", "+a", "+c"));
}

TEST_F(StoreTest, MoreWorksThanAGroupHoldsAreAllDone) {
  options_.group_max = 3;
  Open();
  Latch release;
  HoldWriter(release);
  for (int i = 0; i < 10; ++i) {
    store_->Submit(Inserting(i), [](const absl::Status& status) {
      EXPECT_THAT(status, IsOk());
    });
  }
  release.Open();
  EXPECT_THAT(store_->Write(Inserting(10)), IsOk());
  EXPECT_THAT(Values(), SizeIs(11));
}

// Writes down when each work and each Done is called.
class CallsTest : public StoreTest {
 protected:
  void SubmitCalls(const std::string& name) {
    store_->Submit(
        [this, name](Transaction&) {
          calls_.push_back("run " + name);
          return absl::OkStatus();
        },
        [this, name](const absl::Status& status) {
          EXPECT_THAT(status, IsOk());
          calls_.push_back("done " + name);
        });
  }

  std::vector<std::string> calls_;
};

TEST_F(CallsTest, WorksThatComeWhileOthersRunAreInTheirTransaction) {
  Open();
  Latch release;
  HoldTransaction(release,
                  [this](const absl::Status&) { calls_.push_back("done"); });
  SubmitCalls("a");
  SubmitCalls("b");
  release.Open();
  Open();
  EXPECT_THAT(calls_,
              ElementsAre("run a", "run b", "done", "done a", "done b"));
}

TEST_F(CallsTest, ATransactionTakesInNoMoreThanAGroupHolds) {
  options_.group_max = 3;
  Open();
  Latch release;
  HoldTransaction(release);
  for (const std::string name : {"a", "b", "c"}) SubmitCalls(name);
  release.Open();
  Open();
  EXPECT_THAT(calls_, ElementsAre("run a", "run b", "done a", "done b", "run c",
                                  "done c"));
}

TEST_F(StoreGroupsTest, FailedWorkLeavesWhatRanBeforeItCame) {
  Open();
  Latch release;
  HoldTransaction(release);
  for (int i = 1; i <= 3; ++i) SubmitInsert(i, kOnce, i == 2);
  release.Open();
  Open();
  EXPECT_THAT(Values(), ElementsAre(0, 1, 3));
}

// The transaction is undone as a whole, and what ran before runs again.
TEST_F(StoreGroupsTest, FailedRepeatableWorkLeavesWhatRanBeforeItCame) {
  Open();
  Latch release;
  HoldTransaction(release);
  for (int i = 1; i <= 3; ++i) SubmitInsert(i, kRepeatable, i == 2);
  release.Open();
  Open();
  EXPECT_THAT(Values(), ElementsAre(0, 1, 3));
  EXPECT_THAT(dones_, ElementsAre(std::pair(1, kOk), std::pair(2, kAborted),
                                  std::pair(3, kOk)));
}

// The first may not be run again: what comes later has savepoints.
TEST_F(StoreGroupsTest, FailedWorkAloneLeavesNothingToThoseThatCome) {
  Open();
  Latch held;
  Latch release;
  int runs = 0;
  store_->Submit(
      [&](Transaction& transaction) {
        ++runs;
        held.Open();
        release.Wait();
        RETURN_IF_ERROR(Insert(transaction, 1));
        return absl::AbortedError("no");
      },
      [](const absl::Status&) {});
  held.Wait();
  for (int i = 2; i <= 4; ++i) SubmitInsert(i, kRepeatable, i == 3);
  release.Open();
  Open();
  EXPECT_THAT(Values(), ElementsAre(2, 4));
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace chatgate
