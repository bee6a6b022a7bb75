// Works, what they leave, and the queue before them.
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "tests/store/store_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

// Who was told that it is stored will look for it after the next start.
TEST_F(StoreTest, NothingIsStoredInAFileThatIsNotAtItsPath) {
  Open();
  EXPECT_THAT(store_->Write(Inserting(7)), IsOk());
  ASSERT_EQ(rename(options_.path.c_str(), dir_.File("moved.db").c_str()), 0);
  EXPECT_THAT(store_->Write(Inserting(8)),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(store_->Health(), StatusIs(absl::StatusCode::kUnavailable));
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

}  // namespace
}  // namespace chatgate
