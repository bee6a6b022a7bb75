#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "server/base/status_macros.h"
#include "tests/event_log/event_log_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class EventLogTest : public EventLogFixture {};

TEST_F(EventLogTest, NewLogIsEmpty) {
  EXPECT_EQ(log_->Head(), 0u);
  EXPECT_EQ(log_->Tail(), 1u);
  EXPECT_TRUE(log_->ReadRecent(0, 1, 1).has_value());
}

TEST_F(EventLogTest, TwoLogsHaveTwoEpochs) {
  const uint64_t first = log_->EpochAt(0);
  store_options_.path = dir_.File("other.db");
  Reopen();
  EXPECT_FALSE(AreOfOneLog(log_->EpochAt(0), first));
}

TEST_F(EventLogTest, ListenerIsToldBeforeTheAppendIsAnswered) {
  std::vector<uint64_t> heads;
  log_->OnHead([&](uint64_t head) {
    EXPECT_EQ(log_->Head(), head);
    heads.push_back(head);
  });
  EXPECT_THAT(Append("a"), IsOk());
  EXPECT_THAT(heads, ElementsAre(1));
  EXPECT_THAT(Append(MakeKeyed("b", 1)), IsOk());
  EXPECT_THAT(heads, ElementsAre(1, 2));
  EXPECT_THAT(Append(MakeKeyed("again", 1)), IsOk());
  EXPECT_THAT(heads, ElementsAre(1, 2));
}

// One wake-up for all subscribers serves the whole group.
TEST_F(EventLogTest, ListenerIsToldOnceAGroup) {
  std::vector<uint64_t> heads;
  log_->OnHead([&](uint64_t head) { heads.push_back(head); });
  std::atomic<int> done = 0;
  EXPECT_THAT(store_->Write([&](Transaction&) {
    // These wait until the writer thread is free again.
    for (int i = 0; i < 5; ++i) {
      log_->Append(MakeEvent("a"),
                   [&](const absl::StatusOr<Appended>&) { ++done; });
    }
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(Append("last"), IsOk());
  EXPECT_EQ(done, 5);
  EXPECT_THAT(heads.back(), 6);
  EXPECT_LE(heads.size(), 2u);
}

TEST_F(EventLogTest, ListenerCanBeTakenAway) {
  int calls = 0;
  log_->OnHead([&](uint64_t) { ++calls; });
  EXPECT_THAT(Append("a"), IsOk());
  log_->OnHead(nullptr);
  EXPECT_THAT(Append("b"), IsOk());
  EXPECT_EQ(calls, 1);
}

TEST_F(EventLogTest, RingKeepsTheNewestThatFit) {
  log_options_.ring_bytes = 10'000;
  Reopen();
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(Append(std::string(1000, 'a')), IsOk());
  }
  EXPECT_TRUE(log_->ReadRecent(15, 1, 1).has_value());
  EXPECT_FALSE(log_->ReadRecent(5, 1, 1).has_value());
  EXPECT_THAT(ReadAll(), SizeIs(20));
}

TEST_F(EventLogTest, DestructorWaitsForAppendsUnderWay) {
  std::atomic<int> done = 0;
  for (int i = 0; i < 200; ++i) {
    log_->Append(MakeEvent("a"), [&](const absl::StatusOr<Appended>& appended) {
      EXPECT_THAT(appended, IsOk());
      ++done;
    });
  }
  log_.reset();
  EXPECT_EQ(done, 200);
}

TEST_F(EventLogTest, ReadersFollowWritersWithoutHoles) {
  constexpr int kEvents = 300;
  log_options_.ring_bytes = 20'000;  // So that slow readers go to the disk.
  Reopen();
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      uint64_t position = 0;
      while (position < kEvents) {
        const absl::StatusOr<EventBatch> batch =
            log_->ReadAfter(position, 16, 1 << 20);
        ASSERT_THAT(batch, IsOk());
        ASSERT_FALSE(batch->lost.has_value());
        for (const auto& record : batch->events) {
          ASSERT_EQ(record->seq, ++position);
        }
        if (batch->events.empty()) std::this_thread::yield();
      }
    });
  }
  for (int i = 0; i < kEvents; ++i) EXPECT_THAT(Append("a"), IsOk());
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace chatgate
