#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "server/base/status_macros.h"
#include "server/store/store.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

using Call = SimulatedDisk::Call;

class StoreFaultTest : public ::testing::Test {
 protected:
  StoreFaultTest() {
    options_.path = dir_.File("test.db");
    options_.vfs = disk_.vfs();
  }

  void Reopen() {
    store_.reset();
    ASSERT_OK_AND_ASSIGN(
        store_,
        Store::Open(options_,
                    {{"numbers",
                      {"CREATE TABLE numbers (value INTEGER, filler BLOB);"
                       "CREATE INDEX numbers_by_value ON numbers (value)"}}}));
  }

  // Opens what a power cut at this moment would leave.
  void CutPower(std::minstd_rand& random) {
    after_ = std::make_unique<TempDir>();
    disk_.CutPower(random, after_->path());
    disk_.Heal();
    store_.reset();
    options_.path =
        after_->File(std::filesystem::path(options_.path).filename().string());
    Reopen();
  }

  // Table and index tell one story.
  void ExpectSound() {
    EXPECT_THAT(store_->Read([](Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(Statement check,
                       connection.Prepare("PRAGMA integrity_check"));
      ASSIGN_OR_RETURN(const bool row, check.Step());
      EXPECT_TRUE(row);
      EXPECT_EQ(check.Text(0), "ok");
      return absl::OkStatus();
    }),
                IsOk());
  }

  absl::Status Insert(int64_t value, int64_t filler = 100) {
    return store_->Write([=](Transaction& transaction) -> absl::Status {
      ASSIGN_OR_RETURN(
          Statement insert,
          transaction.Prepare("INSERT INTO numbers VALUES (?, zeroblob(?))"));
      insert.Bind(0, value);
      insert.Bind(1, filler);
      return insert.Run();
    });
  }

  std::vector<int64_t> Values() {
    std::vector<int64_t> values;
    EXPECT_THAT(store_->Read([&](Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(
          Statement select,
          connection.Prepare("SELECT value FROM numbers ORDER BY rowid"));
      while (true) {
        ASSIGN_OR_RETURN(const bool row, select.Step());
        if (!row) return absl::OkStatus();
        values.push_back(select.Int(0));
      }
    }),
                IsOk());
    return values;
  }

  TempDir dir_;
  std::unique_ptr<TempDir> after_;
  SimulatedDisk disk_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreFaultTest, NothingIsAcknowledgedAfterAFailedSync) {
  Reopen();
  EXPECT_THAT(Insert(1), IsOk());
  disk_.FailFrom(Call::kSync, 1, SQLITE_IOERR_FSYNC);
  EXPECT_THAT(Insert(2), StatusIs(absl::StatusCode::kUnavailable));
  disk_.Heal();  // SQLite would go on now, and call it OK.
  EXPECT_THAT(Insert(3), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(store_->Health(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(StoreFaultTest, ReadsGoOnAfterAFailedSync) {
  Reopen();
  EXPECT_THAT(Insert(1), IsOk());
  disk_.FailFrom(Call::kSync, 1, SQLITE_IOERR_FSYNC);
  EXPECT_FALSE(Insert(2).ok());
  EXPECT_THAT(Values(), ElementsAre(1));
}

TEST_F(StoreFaultTest, ReopeningHeals) {
  Reopen();
  EXPECT_THAT(Insert(1), IsOk());
  disk_.FailFrom(Call::kSync, 1, SQLITE_IOERR_FSYNC);
  EXPECT_FALSE(Insert(2).ok());
  disk_.Heal();
  Reopen();
  EXPECT_THAT(store_->Health(), IsOk());
  EXPECT_THAT(Insert(3), IsOk());
  EXPECT_THAT(Values(), IsSupersetOf({1, 3}));
}

TEST_F(StoreFaultTest, OpeningOnAFailingDiskIsRefused) {
  disk_.FailFrom(Call::kSync, 1, SQLITE_IOERR_FSYNC);
  EXPECT_THAT(
      Store::Open(options_, {{"numbers", {"CREATE TABLE numbers (a)"}}}),
      StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(StoreFaultTest, ListenerIsToldOnce) {
  Reopen();
  std::vector<absl::Status> told;
  store_->OnBroken([&](absl::Status status) { told.push_back(status); });
  disk_.FailFrom(Call::kSync, 1, SQLITE_IOERR_FSYNC);
  EXPECT_FALSE(Insert(1).ok());
  EXPECT_FALSE(Insert(2).ok());
  ASSERT_EQ(told.size(), 1u);
  EXPECT_THAT(told[0], StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(StoreFaultTest, LateListenerIsToldAtOnce) {
  Reopen();
  disk_.FailFrom(Call::kSync, 1, SQLITE_IOERR_FSYNC);
  EXPECT_FALSE(Insert(1).ok());
  int told = 0;
  store_->OnBroken([&](const absl::Status&) { ++told; });
  EXPECT_EQ(told, 1);
}

// SQLite's own checkpoints swallow this error.
TEST_F(StoreFaultTest, FailedSyncOfACheckpointBreaksTheStore) {
  options_.checkpoint_pages = 1;
  Reopen();
  // The WAL's new head and the commit sync first; then the checkpoint syncs the
  // WAL and the database.
  for (const int nth : {3, 4}) {
    disk_.FailFrom(Call::kSync, nth, SQLITE_IOERR_FSYNC);
    EXPECT_THAT(Insert(nth), IsOk());
    EXPECT_THAT(Insert(10 + nth), StatusIs(absl::StatusCode::kUnavailable));
    disk_.Heal();
    EXPECT_THAT(Insert(20 + nth), StatusIs(absl::StatusCode::kUnavailable));
    Reopen();
  }
  EXPECT_THAT(Values(), ElementsAre(3, 4));
}

TEST_F(StoreFaultTest, FailedWriteOfACheckpointBreaksTheStore) {
  Reopen();
  EXPECT_THAT(Insert(1), IsOk());
  options_.checkpoint_pages = 40;
  Reopen();
  // Frames of the commit: 24 bytes and a page each, 60 pages; then the
  // checkpoint writes.
  disk_.FailFrom(Call::kWrite, 130, SQLITE_FULL);
  EXPECT_THAT(Insert(2, 58 * 4096), IsOk());
  EXPECT_THAT(Insert(3), StatusIs(absl::StatusCode::kUnavailable));
  disk_.Heal();
  Reopen();
  EXPECT_THAT(Values(), ElementsAre(1, 2));
}

// What is larger than the cache is written before the commit: the statement
// itself fails, and SQLite may have undone all that was before it.
TEST_F(StoreFaultTest, DiskFullInsideAWorkBreaksTheStore) {
  Reopen();
  EXPECT_THAT(Insert(1), IsOk());
  disk_.FailFrom(Call::kWrite, 1, SQLITE_FULL);
  EXPECT_THAT(store_->Write([](Transaction& transaction) {
    // A work that does not care must not be acknowledged either.
    transaction.connection()
        .Execute("INSERT INTO numbers VALUES (2, zeroblob(50000000))")
        .IgnoreError();
    return absl::OkStatus();
  }),
              StatusIs(absl::StatusCode::kUnavailable));
  disk_.Heal();
  EXPECT_THAT(Insert(3), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Values(), ElementsAre(1));
  Reopen();
  EXPECT_THAT(Insert(4), IsOk());
  EXPECT_THAT(Values(), ElementsAre(1, 4));
}

TEST_F(StoreFaultTest, RollbacksRunWhenTheCommitFails) {
  Reopen();
  std::vector<std::string> calls;
  disk_.FailFrom(Call::kSync, 1, SQLITE_IOERR_FSYNC);
  EXPECT_FALSE(store_
                   ->Write([&](Transaction& transaction) {
                     transaction.OnCommit([&] { calls.push_back("commit"); });
                     transaction.OnRollback([&] { calls.push_back("undone"); });
                     return transaction.connection().Execute(
                         "INSERT INTO numbers VALUES (1, NULL)");
                   })
                   .ok());
  EXPECT_THAT(calls, ElementsAre("undone"));
}

// After a failed sync the pages look well and are lost all the same: what is
// acknowledged after a restart must not stand on them.
TEST_F(StoreFaultTest, PowerCutAfterAFailedSyncAndARestartLosesNothing) {
  std::minstd_rand random(1);
  for (int nth = 1; nth <= 6; ++nth) {
    options_.path = dir_.File(std::to_string(nth) + ".db");
    options_.checkpoint_pages = 4;
    Reopen();
    std::vector<int64_t> acknowledged;
    disk_.FailFrom(Call::kSync, nth, SQLITE_IOERR_FSYNC);
    for (int64_t i = 0; i < 10; ++i) {
      if (Insert(i).ok()) acknowledged.push_back(i);
    }
    EXPECT_LT(acknowledged.size(), 10u);
    disk_.Heal();
    Reopen();
    for (int64_t i = 10; i < 13; ++i) {
      EXPECT_THAT(Insert(i), IsOk());
      acknowledged.push_back(i);
    }
    ASSERT_NO_FATAL_FAILURE(CutPower(random));
    EXPECT_THAT(Values(), IsSupersetOf(acknowledged)) << "sync " << nth;
    store_.reset();
  }
}

// The log of the first life holds frames that are on the disk, and behind them
// those of the failed sync that are not. The second life copies all of them
// into the database: the first frames must not come over it again.
TEST_F(StoreFaultTest, PowerCutRightAfterTheRestartLeavesOneState) {
  std::minstd_rand random(1);
  for (int trial = 0; trial < 20; ++trial) {
    SCOPED_TRACE(trial);
    options_.path = dir_.File(std::to_string(trial) + ".db");
    Reopen();
    for (int64_t i = 0; i < 10; ++i) ASSERT_THAT(Insert(i), IsOk());
    disk_.FailFrom(Call::kSync, 1, SQLITE_IOERR_FSYNC);
    EXPECT_FALSE(Insert(10, 9000).ok());
    disk_.Heal();
    Reopen();
    EXPECT_THAT(Values(), SizeIs(11));
    ASSERT_NO_FATAL_FAILURE(CutPower(random));
    ExpectSound();
    EXPECT_THAT(Values(), SizeIs(11)) << "was read, and is gone";
    store_.reset();
  }
}

// The same, with the power going while the second life opens, or soon after it
// could not: of a failed sync Linux tells once.
TEST_F(StoreFaultTest, PowerCutWhileOpeningAfterAFailedSyncLeavesOneState) {
  int files = 0;
  std::minstd_rand random(1);
  using Fail = void (SimulatedDisk::*)(Call, int, int);
  for (const auto& [call, fail] :
       {std::pair<Call, Fail>(Call::kWrite, &SimulatedDisk::FailFrom),
        std::pair<Call, Fail>(Call::kSync, &SimulatedDisk::FailFrom),
        std::pair<Call, Fail>(Call::kWrite, &SimulatedDisk::FailOnce),
        std::pair<Call, Fail>(Call::kSync, &SimulatedDisk::FailOnce)}) {
    bool opened = false;
    for (int nth = 1; !opened; ++nth) {
      SCOPED_TRACE(nth);
      ASSERT_LT(nth, 100);
      options_.path = dir_.File(std::to_string(++files) + "_" +
                                std::to_string(nth) + ".db");
      Reopen();
      for (int64_t i = 0; i < 10; ++i) ASSERT_THAT(Insert(i), IsOk());
      disk_.FailFrom(Call::kSync, 1, SQLITE_IOERR_FSYNC);
      EXPECT_FALSE(Insert(10, 9000).ok());
      disk_.Heal();
      store_.reset();
      (disk_.*fail)(call, nth, SQLITE_IOERR);
      opened = Store::Open(options_, {}).ok();
      ASSERT_NO_FATAL_FAILURE(CutPower(random));
      ExpectSound();
      EXPECT_THAT(Values(), IsSupersetOf({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
      store_.reset();
    }
  }
}

class StoreFaultAtTest
    : public StoreFaultTest,
      public ::testing::WithParamInterface<std::tuple<Call, int, int>> {};

INSTANTIATE_TEST_SUITE_P(
    EveryCall, StoreFaultAtTest,
    ::testing::Combine(::testing::Values(Call::kWrite, Call::kSync),
                       ::testing::Values(SQLITE_IOERR_WRITE, SQLITE_FULL),
                       ::testing::Range(1, 40, 3)));

TEST_P(StoreFaultAtTest, FirstFailureIsTheLastAnswerAndNothingIsLost) {
  const auto [call, code, nth] = GetParam();
  options_.checkpoint_pages = 5;
  Reopen();
  disk_.FailFrom(call, nth, code);
  std::vector<int64_t> acknowledged;
  bool failed = false;
  for (int64_t i = 0; i < 50; ++i) {
    const absl::Status status = Insert(i);
    if (status.ok()) {
      EXPECT_FALSE(failed) << "acknowledged " << i << " after a failure";
      acknowledged.push_back(i);
      continue;
    }
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
    failed = true;
    disk_.Heal();
  }
  EXPECT_TRUE(failed);
  EXPECT_THAT(Values(), IsSupersetOf(acknowledged));
  Reopen();
  EXPECT_THAT(Values(), IsSupersetOf(acknowledged));
  EXPECT_THAT(Insert(100), IsOk());
}

}  // namespace
}  // namespace chatgate
