#include "server/service/snapshot_slots.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "server/backend/error_table.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using Reading = std::shared_ptr<SnapshotReading>;

class SnapshotSlotsTest : public ::testing::Test {
 protected:
  void Start(const SnapshotSlots::Options& options) {
    slots_ = SnapshotSlots::Create(options, *hub_, clock_);
  }
  // A snapshot of `caller` that has been taken, and is written to its reader.
  Reading Write(const std::string& caller) {
    const absl::StatusOr<Reading> reading = slots_->Take(caller);
    EXPECT_THAT(reading, IsOk());
    auto file = SnapshotFile::Create(dir_.path(), 7, {});
    EXPECT_THAT((*file)->Add(v1::Conversation()), IsOk());
    EXPECT_THAT((*file)->EndFilling(), IsOk());
    (*reading)->SetFile(*std::move(file));
    (*reading)->BeginWrite();
    return *reading;
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Hub> hub_ = Hub::Create(0);
  std::shared_ptr<SnapshotSlots> slots_;
};

TEST_F(SnapshotSlotsTest, ACallerTakesOnlyItsShare) {
  Start({.slots_max = 3, .of_caller_max = 2});
  const Reading first = Write("a");
  const Reading second = Write("a");
  EXPECT_THAT(slots_->Take("a"),
              StatusIs(absl::StatusCode::kResourceExhausted));
  const Reading third = Write("b");
  EXPECT_THAT(slots_->Take("b"),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(SnapshotSlotsTest, AReaderThatTakesNothingLosesItsPlace) {
  Start({.slots_max = 1, .stall_max = absl::Minutes(5)});
  const Reading stalled = Write("a");
  clock_.AdvanceTime(absl::Minutes(5) - absl::Seconds(1));
  EXPECT_FALSE(slots_->Take("b").ok());
  clock_.AdvanceTime(absl::Seconds(1));
  EXPECT_THAT(slots_->Take("b"), IsOk());
}

TEST_F(SnapshotSlotsTest, AReaderThatComesTooLateIsToldToBeginAnew) {
  Start({.stall_max = absl::Minutes(5)});
  const Reading stalled = Write("a");
  clock_.AdvanceTime(absl::Minutes(5));
  slots_->EndStalled();
  EXPECT_FALSE(stalled->has_file());
  const absl::Status status = stalled->EndWrite();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_GT(RetryDelay(status), absl::ZeroDuration());
}

TEST_F(SnapshotSlotsTest, AReaderThatGoesOnInTimeKeepsItsSnapshot) {
  Start({.stall_max = absl::Minutes(5)});
  const Reading slow = Write("a");
  for (int i = 0; i < 3; ++i) {
    clock_.AdvanceTime(absl::Minutes(4));
    slots_->EndStalled();
    EXPECT_THAT(slow->EndWrite(), IsOk());
    slow->BeginWrite();
  }
  EXPECT_TRUE(slow->has_file());
}

// It is not its reader that takes long.
TEST_F(SnapshotSlotsTest, ASnapshotThatWaitsToBeTakenKeepsItsPlace) {
  Start({.slots_max = 1});
  const absl::StatusOr<Reading> waiting = slots_->Take("a");
  clock_.AdvanceTime(absl::Hours(1));
  EXPECT_FALSE(slots_->Take("b").ok());
}

TEST_F(SnapshotSlotsTest, APlaceIsFreeWhenItsReadingEnds) {
  Start({.slots_max = 1});
  Write("a");
  EXPECT_THAT(slots_->Take("a"), IsOk());
}

TEST_F(SnapshotSlotsTest, StalledReadersAreFoundWithoutAnybodyAsking) {
  Start({.stall_max = absl::Milliseconds(1)});
  const Reading stalled = Write("a");
  clock_.AdvanceTime(absl::Seconds(1));
  while (stalled->has_file()) std::this_thread::yield();
  EXPECT_FALSE(stalled->EndWrite().ok());
}

TEST_F(SnapshotSlotsTest, PiecesComeOneAfterTheOther) {
  Start({});
  const Reading reading = Write("a");
  ASSERT_THAT(reading->EndWrite(), IsOk());
  ASSERT_OK_AND_ASSIGN(const SnapshotReading::Piece piece, reading->Next());
  EXPECT_TRUE(piece.done);
  EXPECT_EQ(piece.total, 1);
  EXPECT_FALSE(piece.bytes.empty());
}

}  // namespace
}  // namespace chatgate
