#include "server/store/store.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Schema Numbers() {
  return {"numbers", {"CREATE TABLE numbers (value INTEGER PRIMARY KEY)"}};
}

absl::Status Insert(Transaction& transaction, int64_t value) {
  ASSIGN_OR_RETURN(Statement insert,
                   transaction.Prepare("INSERT INTO numbers VALUES (?)"));
  insert.Bind(0, value);
  return insert.Run();
}

Store::Work Inserting(int64_t value) {
  return
      [value](Transaction& transaction) { return Insert(transaction, value); };
}

// Something that threads wait for.
class Latch {
 public:
  void Open() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    open_ = true;
    opened_.SignalAll();
  }
  void Wait() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (!open_) opened_.Wait(mu_);
  }

 private:
  Mutex mu_;
  CondVar opened_;
  bool open_ ABSL_GUARDED_BY(mu_) = false;
};

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { options_.path = dir_.File("test.db"); }

  void Open() {
    store_.reset();
    ASSERT_OK_AND_ASSIGN(store_, Store::Open(options_, {Numbers()}));
  }

  std::vector<int64_t> Values() {
    std::vector<int64_t> values;
    EXPECT_THAT(store_->Read([&](Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(
          Statement select,
          connection.Prepare("SELECT value FROM numbers ORDER BY value"));
      while (true) {
        ASSIGN_OR_RETURN(const bool row, select.Step());
        if (!row) return absl::OkStatus();
        values.push_back(select.Int(0));
      }
    }),
                IsOk());
    return values;
  }

  // Keeps the writer thread busy until `release` opens.
  void HoldWriter(Latch& release) {
    Latch held;
    store_->Submit(
        [&](Transaction&) {
          held.Open();
          release.Wait();
          return absl::OkStatus();
        },
        [](const absl::Status&) {});
    held.Wait();
  }

  TempDir dir_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, WriteIsSeenByTheNextRead) {
  Open();
  EXPECT_THAT(store_->Write(Inserting(7)), IsOk());
  EXPECT_THAT(Values(), ElementsAre(7));
}

TEST_F(StoreTest, WrittenValuesSurviveReopening) {
  Open();
  EXPECT_THAT(store_->Write(Inserting(7)), IsOk());
  Open();
  EXPECT_THAT(Values(), ElementsAre(7));
}

TEST_F(StoreTest, FailedWorkLeavesNothingBehind) {
  Open();
  EXPECT_THAT(store_->Write([](Transaction& transaction) {
    EXPECT_THAT(Insert(transaction, 1), IsOk());
    return absl::AbortedError("changed my mind");
  }),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Values(), IsEmpty());
}

// Works that wait go into one transaction; one that fails must not take the
// others of its group with it.
TEST_F(StoreTest, FailedWorkLeavesTheOthersOfItsGroup) {
  Open();
  Latch release;
  std::vector<std::pair<int, absl::StatusCode>> dones;
  HoldWriter(release);
  for (int i = 1; i <= 3; ++i) {
    store_->Submit(
        [i](Transaction& transaction) {
          RETURN_IF_ERROR(Insert(transaction, i));
          return i == 2 ? absl::AbortedError("no") : absl::OkStatus();
        },
        [&dones, i](const absl::Status& status) {
          dones.emplace_back(i, status.code());
        });
  }
  release.Open();
  EXPECT_THAT(store_->Write(Inserting(4)), IsOk());

  EXPECT_THAT(dones, ElementsAre(std::pair(1, absl::StatusCode::kOk),
                                 std::pair(2, absl::StatusCode::kAborted),
                                 std::pair(3, absl::StatusCode::kOk)));
  EXPECT_THAT(Values(), ElementsAre(1, 3, 4));
}

// Works that may be repeated share a savepoint; one that fails must not take
// the others with it all the same, whoever stands between them.
TEST_F(StoreTest, FailedRepeatableWorkLeavesTheOthersOfItsGroup) {
  Open();
  Latch release;
  std::vector<std::pair<int, absl::StatusCode>> dones;
  HoldWriter(release);
  for (int i = 1; i <= 9; ++i) {
    auto work = [i](Transaction& transaction) {
      RETURN_IF_ERROR(Insert(transaction, i));
      return i % 3 == 0 ? absl::AbortedError("no") : absl::OkStatus();
    };
    auto done = [&dones, i](const absl::Status& status) {
      dones.emplace_back(i, status.code());
    };
    if (i == 5) {
      store_->Submit(work, done);
    } else {
      store_->SubmitRepeatable(work, done);
    }
  }
  release.Open();
  EXPECT_THAT(store_->Write(Inserting(10)), IsOk());

  EXPECT_THAT(Values(), ElementsAre(1, 2, 4, 5, 7, 8, 10));
  ASSERT_THAT(dones, SizeIs(9));
  for (int i = 1; i <= 9; ++i) {
    EXPECT_EQ(dones[static_cast<size_t>(i - 1)],
              std::pair(i, i % 3 == 0 ? absl::StatusCode::kAborted
                                      : absl::StatusCode::kOk));
  }
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

TEST_F(StoreTest, TakenKeyIsAlreadyExistsAndBreaksNothing) {
  Open();
  EXPECT_THAT(store_->Write(Inserting(1)), IsOk());
  EXPECT_THAT(store_->Write(Inserting(1)),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(store_->Health(), IsOk());
}

TEST_F(StoreTest, CommitHooksRunInOrderBeforeTheDone) {
  Open();
  std::vector<std::string> calls;
  Latch done;
  store_->Submit(
      [&](Transaction& transaction) {
        transaction.OnCommit([&] { calls.push_back("first"); });
        transaction.OnCommit([&] { calls.push_back("second"); });
        return absl::OkStatus();
      },
      [&](const absl::Status&) {
        calls.push_back("done");
        done.Open();
      });
  done.Wait();
  EXPECT_THAT(calls, ElementsAre("first", "second", "done"));
}

TEST_F(StoreTest, HooksOfAFailedWorkAreForgottenAndItsRollbacksRun) {
  Open();
  std::vector<std::string> calls;
  EXPECT_FALSE(store_
                   ->Write([&](Transaction& transaction) {
                     transaction.OnCommit([&] { calls.push_back("commit"); });
                     transaction.OnRollback([&] { calls.push_back("1"); });
                     transaction.OnRollback([&] { calls.push_back("2"); });
                     return absl::AbortedError("no");
                   })
                   .ok());
  EXPECT_THAT(calls, ElementsAre("2", "1"));
}

TEST_F(StoreTest, CommitHookSeesWhatWasCommitted) {
  Open();
  std::vector<int64_t> seen;
  EXPECT_THAT(store_->Write([&](Transaction& transaction) {
    transaction.OnCommit([&] { seen = Values(); });
    return Insert(transaction, 5);
  }),
              IsOk());
  EXPECT_THAT(seen, ElementsAre(5));
}

TEST_F(StoreTest, FullQueueIsRefusedOnTheCallingThread) {
  options_.queue_max = 2;
  Open();
  Latch release;
  HoldWriter(release);
  int refused = 0;
  for (int i = 0; i < 3; ++i) {
    store_->Submit(Inserting(i), [&](const absl::Status& status) {
      if (absl::IsResourceExhausted(status)) ++refused;
    });
  }
  EXPECT_EQ(refused, 1);
  release.Open();
  Open();
  EXPECT_THAT(Values(), ElementsAre(0, 1));
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

TEST_F(StoreTest, DestructorFinishesWhatWasAccepted) {
  Open();
  for (int i = 0; i < 100; ++i) {
    store_->Submit(Inserting(i), [](const absl::Status&) {});
  }
  Open();
  EXPECT_THAT(Values(), SizeIs(100));
}

TEST_F(StoreTest, ManyWritersAllSucceed) {
  Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        EXPECT_THAT(store_->Write(Inserting(t * 100 + i)), IsOk());
        EXPECT_GE(Values().size(), 1u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(Values(), SizeIs(160));
}

// A reading must not be able to change anything: its connection says so.
TEST_F(StoreTest, ReadingsCannotWrite) {
  Open();
  EXPECT_FALSE(store_
                   ->Read([](Connection& connection) {
                     return connection.Execute("INSERT INTO numbers VALUES(1)");
                   })
                   .ok());
  EXPECT_THAT(Values(), IsEmpty());
}

TEST_F(StoreTest, OneReadingSeesOneState) {
  Open();
  EXPECT_THAT(store_->Read([&](Connection& connection) -> absl::Status {
    int64_t counts[2];
    for (int64_t& count : counts) {
      ASSIGN_OR_RETURN(Statement select,
                       connection.Prepare("SELECT count(*) FROM numbers"));
      RETURN_IF_ERROR(select.Step().status());
      count = select.Int(0);
      EXPECT_THAT(store_->Write(Inserting(count + Values().size())), IsOk());
    }
    EXPECT_EQ(counts[0], counts[1]);
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_F(StoreTest, SubmittedReadRunsOnAnotherThread) {
  Open();
  Latch done;
  std::thread::id reader;
  store_->SubmitRead([&](absl::StatusOr<Connection*> connection) {
    EXPECT_THAT(connection, IsOk());
    reader = std::this_thread::get_id();
    done.Open();
  });
  done.Wait();
  EXPECT_TRUE(reader != std::this_thread::get_id());
}

TEST_F(StoreTest, ShortReadsAreNotInTheWayOfLongOnes) {
  options_.reader_threads = 1;
  Open();
  EXPECT_THAT(store_->Write(Inserting(1)), IsOk());
  Latch held;
  Latch release;
  store_->SubmitRead([&](const absl::StatusOr<Connection*>&) {
    held.Open();
    release.Wait();
  });
  held.Wait();
  Latch done;
  store_->SubmitShortRead([&](const absl::StatusOr<Connection*>& connection) {
    EXPECT_THAT(connection, IsOk());
    done.Open();
  });
  done.Wait();
  release.Open();
  store_.reset();  // The reading refers to what ends with this test.
}

// Those that wait together share a transaction; it must not be older than what
// was answered before they were submitted.
TEST_F(StoreTest, ShortReadSeesWhatWasWrittenBefore) {
  Open();
  for (int64_t i = 1; i <= 50; ++i) {
    EXPECT_THAT(store_->Write(Inserting(i)), IsOk());
    Latch done;
    for (int reads = 1; reads <= 3; ++reads) {
      store_->SubmitShortRead(
          [&done, i, reads](absl::StatusOr<Connection*> connection) {
            ASSERT_THAT(connection, IsOk());
            ASSERT_OK_AND_ASSIGN(
                Statement select,
                (*connection)->Prepare("SELECT MAX(value) FROM numbers"));
            EXPECT_THAT(select.Step(), IsOkAndHolds(true));
            EXPECT_GE(select.Int(0), i);
            if (reads == 3) done.Open();
          });
    }
    done.Wait();
  }
}

TEST_F(StoreTest, FullShortReadQueueIsRefusedOnTheCallingThread) {
  options_.read_queue_max = 1;
  Open();
  Latch held;
  Latch release;
  store_->SubmitShortRead([&](const absl::StatusOr<Connection*>&) {
    held.Open();
    release.Wait();
  });
  held.Wait();
  absl::Status refused;
  store_->SubmitShortRead([](const absl::StatusOr<Connection*>&) {});
  store_->SubmitShortRead([&](const absl::StatusOr<Connection*>& connection) {
    refused = connection.status();
  });
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  release.Open();
  store_.reset();  // The reading refers to what ends with this test.
}

TEST_F(StoreTest, FullReadQueueIsRefusedOnTheCallingThread) {
  options_.reader_threads = 1;
  options_.read_queue_max = 1;
  Open();
  Latch held;
  Latch release;
  store_->SubmitRead([&](const absl::StatusOr<Connection*>&) {
    held.Open();
    release.Wait();
  });
  held.Wait();
  absl::Status refused;
  store_->SubmitRead([](const absl::StatusOr<Connection*>&) {});
  store_->SubmitRead([&](const absl::StatusOr<Connection*>& connection) {
    refused = connection.status();
  });
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  release.Open();
  store_.reset();  // The reading refers to what ends with this test.
}

TEST_F(StoreTest, LaterStepsAreAddedToAnOlderDatabase) {
  Open();
  EXPECT_THAT(store_->Write(Inserting(3)), IsOk());
  store_.reset();
  Schema newer = Numbers();
  newer.steps.push_back("ALTER TABLE numbers ADD COLUMN name TEXT");
  ASSERT_OK_AND_ASSIGN(store_, Store::Open(options_, {newer}));
  EXPECT_THAT(store_->Read([](Connection& connection) {
    return connection.Prepare("SELECT name FROM numbers").status();
  }),
              IsOk());
  EXPECT_THAT(Values(), ElementsAre(3));
}

TEST_F(StoreTest, NewerDatabaseIsRefusedByTheNameOfItsRoom) {
  Schema newer = Numbers();
  newer.steps.push_back("ALTER TABLE numbers ADD COLUMN name TEXT");
  ASSERT_OK_AND_ASSIGN(store_, Store::Open(options_, {newer}));
  store_.reset();
  EXPECT_THAT(
      Store::Open(options_, {Numbers()}),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("numbers")));
}

TEST_F(StoreTest, FailedStepLeavesTheVersionAsItWas) {
  Schema broken = {"numbers",
                   {Numbers().steps[0], "CREATE TABLE more (a); NO SQL"}};
  EXPECT_THAT(Store::Open(options_, {broken}),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("numbers")));
  Schema mended = {"numbers", {Numbers().steps[0], "CREATE TABLE more (a)"}};
  EXPECT_THAT(Store::Open(options_, {mended}), IsOk());
}

TEST_F(StoreTest, FileThatIsNoDatabaseIsDataLoss) {
  dir_.Write("test.db", std::string(8192, 'x'));
  EXPECT_THAT(Store::Open(options_, {Numbers()}),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace chatgate
