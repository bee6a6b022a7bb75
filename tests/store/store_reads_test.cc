// Readings, on threads of their own.
#include <thread>

#include "tests/store/store_fixture.h"

namespace chatgate {
namespace {

using ::testing::IsEmpty;

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

}  // namespace
}  // namespace chatgate
