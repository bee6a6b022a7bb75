#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "server/base/status_macros.h"
#include "tests/event_log/event_log_fixture.h"

namespace chatgate {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Ne;
using ::testing::Not;
using ::testing::SizeIs;

// Every reading is tried from memory and, with a ring for one event, from disk.
class EventLogReadTest : public EventLogFixture,
                         public ::testing::WithParamInterface<bool> {
 protected:
  EventLogReadTest() {
    if (GetParam()) log_options_.ring_bytes = 1;
  }
  bool FromDisk() const { return GetParam(); }

  static std::vector<uint64_t> SeqsOf(const EventBatch& batch) {
    std::vector<uint64_t> seqs;
    for (const auto& record : batch.events) seqs.push_back(record->seq);
    return seqs;
  }

  void AppendMany(int count) {
    for (int i = 1; i <= count; ++i) {
      ASSERT_THAT(Append(absl::StrCat(i)), IsOk());
    }
  }

  // Overwrites the fourth page of events in the file, and opens it again.
  void DamageALeafPage() {
    int64_t page = 0;
    ASSERT_THAT(store_->Read([&](Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(
          Statement select,
          connection.Prepare("SELECT pageno FROM dbstat WHERE"
                             " name='event_log_events' AND pagetype='leaf'"
                             " ORDER BY path LIMIT 1 OFFSET 3"));
      RETURN_IF_ERROR(select.Step().status());
      page = select.Int(0);
      return absl::OkStatus();
    }),
                IsOk());
    ASSERT_GT(page, 1);
    log_.reset();
    store_.reset();
    constexpr int64_t kPageBytes = 4096;
    std::fstream file(store_options_.path,
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((page - 1) * kPageBytes);
    file << std::string(kPageBytes, '\xff');
    file.close();
    Reopen();
  }
};

INSTANTIATE_TEST_SUITE_P(MemoryAndDisk, EventLogReadTest, ::testing::Bool());

TEST_P(EventLogReadTest, ReadsFromAPositionOldestFirst) {
  AppendMany(5);
  EXPECT_EQ(log_->ReadRecent(2, 1, 1).has_value(), !FromDisk());
  EXPECT_THAT(Bodies(2), ElementsAre("3", "4", "5"));
}

TEST_P(EventLogReadTest, NothingIsBehindTheHead) {
  AppendMany(2);
  ASSERT_OK_AND_ASSIGN(const EventBatch batch, log_->ReadAfter(2, 10, 1000));
  EXPECT_THAT(batch.events, IsEmpty());
  EXPECT_EQ(batch.position, 2u);
  EXPECT_TRUE(log_->ReadRecent(2, 1, 1).has_value());
}

TEST_P(EventLogReadTest, PositionBeyondTheHeadIsOutOfRange) {
  AppendMany(2);
  for (const uint64_t position : {uint64_t{3}, UINT64_MAX}) {
    EXPECT_THAT(log_->ReadAfter(position, 10, 1000),
                StatusIs(absl::StatusCode::kOutOfRange));
    EXPECT_FALSE(log_->ReadRecent(position, 1, 1).has_value());
  }
}

TEST_P(EventLogReadTest, BatchEndsAtItsNumberOfEvents) {
  AppendMany(5);
  ASSERT_OK_AND_ASSIGN(const EventBatch batch, log_->ReadAfter(0, 3, 1 << 20));
  EXPECT_THAT(batch.events, SizeIs(3));
  EXPECT_EQ(batch.position, 3u);
}

TEST_P(EventLogReadTest, BatchEndsAtItsBytesButHoldsOneEvent) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Append(std::string(1000, 'a')), IsOk());
  }
  ASSERT_OK_AND_ASSIGN(EventBatch batch, log_->ReadAfter(0, 10, 2500));
  EXPECT_EQ(batch.position, 2u);
  ASSERT_OK_AND_ASSIGN(batch, log_->ReadAfter(0, 10, 1));
  EXPECT_EQ(batch.position, 1u);
}

TEST_P(EventLogReadTest, RecordsCarryTheirTraits) {
  AppendMany(2);
  ASSERT_OK_AND_ASSIGN(const EventBatch batch, log_->ReadAfter(0, 1, 1000));
  const EventTraits& traits = batch.events.at(0)->traits;
  EXPECT_EQ(traits.app_id, 777u);
  EXPECT_EQ(traits.kind, v1::EVENT_KIND_DASHLY_CONVERSATION);
  EXPECT_EQ(traits.conversation, "dashly:64558819");
}

TEST_P(EventLogReadTest, MemoryAndDiskGiveTheSameBytes) {
  AppendMany(3);
  ASSERT_OK_AND_ASSIGN(const EventBatch before, log_->ReadAfter(0, 9, 1 << 20));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const EventBatch after, log_->ReadAfter(0, 9, 1 << 20));
  ASSERT_EQ(before.events.size(), after.events.size());
  for (size_t i = 0; i < after.events.size(); ++i) {
    EXPECT_EQ(absl::string_view(before.events[i]->slice),
              absl::string_view(after.events[i]->slice));
  }
}

TEST_P(EventLogReadTest, EventsAndTheirEpochsSurviveReopening) {
  AppendMany(3);
  std::vector<uint64_t> epochs;
  for (uint64_t seq = 0; seq <= 3; ++seq) epochs.push_back(log_->EpochAt(seq));
  EXPECT_THAT(epochs, Each(Ne(0u)));
  Reopen();
  for (uint64_t seq = 0; seq <= 3; ++seq) {
    EXPECT_EQ(log_->EpochAt(seq), epochs[seq]);
  }
  EXPECT_EQ(log_->Head(), 3u);
  EXPECT_THAT(Bodies(), ElementsAre("1", "2", "3"));
  ASSERT_OK_AND_ASSIGN(const Appended next, Append("4"));
  EXPECT_EQ(next.seq, 4u);
}

TEST_P(EventLogReadTest, DeletedEventsAreToldAsLost) {
  AppendMany(6);
  Reopen();
  DeleteUpTo(3);
  ASSERT_OK_AND_ASSIGN(const EventBatch batch, log_->ReadAfter(1, 2, 1 << 20));
  ASSERT_TRUE(batch.lost.has_value());
  EXPECT_EQ(batch.lost->first_seq, 2u);
  EXPECT_EQ(batch.lost->last_seq, 3u);
  EXPECT_EQ(batch.position, 5u);
  EXPECT_EQ(log_->Tail(), 4u);
}

TEST_P(EventLogReadTest, PositionJustBeforeTheTailHasLostNothing) {
  AppendMany(6);
  DeleteUpTo(3);
  Reopen();
  EXPECT_EQ(log_->Tail(), 4u);
  ASSERT_OK_AND_ASSIGN(const EventBatch batch, log_->ReadAfter(3, 9, 1 << 20));
  EXPECT_FALSE(batch.lost.has_value());
  EXPECT_THAT(batch.events, SizeIs(3));
}

TEST_P(EventLogReadTest, LogWithoutEventsLeftKeepsItsHead) {
  AppendMany(4);
  DeleteUpTo(4);
  Reopen();
  EXPECT_EQ(log_->Head(), 4u);
  EXPECT_EQ(log_->Tail(), 5u);
  ASSERT_OK_AND_ASSIGN(const EventBatch batch, log_->ReadAfter(0, 9, 1 << 20));
  ASSERT_TRUE(batch.lost.has_value());
  EXPECT_EQ(batch.lost->last_seq, 4u);
  EXPECT_EQ(batch.position, 4u);
  ASSERT_OK_AND_ASSIGN(const Appended next, Append("5"));
  EXPECT_EQ(next.seq, 5u);
}

// A hole in the middle would be damage; it is told, not stepped over.
TEST_P(EventLogReadTest, HoleBehindEventsIsToldByTheNextBatch) {
  AppendMany(5);
  ASSERT_THAT(store_->Write([](Transaction& transaction) {
    return transaction.connection().Execute(
        "DELETE FROM event_log_events WHERE seq=3");
  }),
              IsOk());
  Reopen();
  ASSERT_OK_AND_ASSIGN(EventBatch batch, log_->ReadAfter(0, 9, 1 << 20));
  EXPECT_EQ(batch.position, 2u);
  EXPECT_FALSE(batch.lost.has_value());
  ASSERT_OK_AND_ASSIGN(batch, log_->ReadAfter(2, 9, 1 << 20));
  ASSERT_TRUE(batch.lost.has_value());
  EXPECT_EQ(batch.lost->first_seq, 3u);
  EXPECT_EQ(batch.lost->last_seq, 3u);
  EXPECT_EQ(batch.position, 5u);
  // What is before the hole is there for the next one who asks.
  EXPECT_EQ(log_->Tail(), 1u);
  ASSERT_OK_AND_ASSIGN(batch, log_->ReadAfter(0, 9, 1 << 20));
  EXPECT_THAT(SeqsOf(batch), ElementsAre(1, 2));
}

TEST_P(EventLogReadTest, StoredBytesThatAreNoEventAreDataLoss) {
  AppendMany(2);
  ASSERT_THAT(store_->Write([](Transaction& transaction) {
    return transaction.connection().Execute(
        "UPDATE event_log_events SET event=x'ff' WHERE seq=2");
  }),
              IsOk());
  Reopen();
  EXPECT_THAT(log_->ReadAfter(1, 9, 1 << 20),
              StatusIs(absl::StatusCode::kDataLoss));
}

// Else nobody could read what stands around it.
TEST_P(EventLogReadTest, SoundEventsAroundADamagedOneAreRead) {
  AppendMany(5);
  ASSERT_THAT(store_->Write([](Transaction& transaction) {
    return transaction.connection().Execute(
        "UPDATE event_log_events SET event=x'ff' WHERE seq=3");
  }),
              IsOk());
  Reopen();
  ASSERT_OK_AND_ASSIGN(EventBatch batch, log_->ReadAfter(0, 9, 1 << 20));
  EXPECT_THAT(SeqsOf(batch), ElementsAre(1, 2));
  EXPECT_EQ(batch.position, 2u);
  EXPECT_FALSE(batch.lost.has_value());
  EXPECT_THAT(log_->ReadAfter(2, 9, 1 << 20),
              StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_OK_AND_ASSIGN(batch, log_->ReadAfter(3, 9, 1 << 20));
  EXPECT_THAT(SeqsOf(batch), ElementsAre(4, 5));
  ASSERT_OK_AND_ASSIGN(batch, log_->ReadBack(5, 9, 1 << 20));
  EXPECT_THAT(SeqsOf(batch), ElementsAre(5, 4));
  EXPECT_EQ(batch.position, 3u);
  EXPECT_THAT(log_->ReadBack(3, 9, 1 << 20),
              StatusIs(absl::StatusCode::kDataLoss));
}

// As a disk damages it: a whole page of the table, found by SQLite itself.
TEST_P(EventLogReadTest, SoundEventsAroundADamagedPageAreRead) {
  for (int i = 0; i < 60; ++i) {
    ASSERT_THAT(Append(std::string(600, 'x')), IsOk());
    clock_.AdvanceTime(absl::Seconds(1));
  }
  const absl::Time end = clock_.Now();
  DamageALeafPage();
  std::vector<uint64_t> seqs;
  absl::Status status;
  for (uint64_t position = 0; status.ok();) {
    const absl::StatusOr<EventBatch> batch =
        log_->ReadAfter(position, 99, 1 << 20);
    status = batch.status();
    if (!batch.ok()) break;
    position = batch->position;
    for (const uint64_t seq : SeqsOf(*batch)) seqs.push_back(seq);
  }
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss));
  ASSERT_THAT(seqs, Not(IsEmpty()));
  ASSERT_LT(seqs.size(), 55u);
  // Backwards all up to the same page, which holds a few.
  uint64_t position = 60;
  status = absl::OkStatus();
  while (status.ok()) {
    const absl::StatusOr<EventBatch> batch =
        log_->ReadBack(position, 99, 1 << 20);
    status = batch.status();
    if (batch.ok()) position = batch->position;
  }
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_GT(position, seqs.back());
  EXPECT_LT(position, seqs.back() + 10);
  // And by time.
  EXPECT_THAT(log_->PositionAt(end - absl::Seconds(2)), IsOkAndHolds(58u));
}

TEST_P(EventLogReadTest, RawIsApartFromTheEvent) {
  NewEvent event = MakeEvent("a");
  event.raw = std::string("token=&x=\0y", 11);
  EXPECT_THAT(Append(event), IsOk());
  EXPECT_THAT(Append("without"), IsOk());
  EXPECT_THAT(log_->ReadRaw(1), IsOkAndHolds(event.raw));
  EXPECT_THAT(log_->ReadRaw(2), IsOkAndHolds(""));
  EXPECT_THAT(log_->ReadRaw(3), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(EventLogReadTest, ReadsBackNewestFirst) {
  AppendMany(5);
  ASSERT_OK_AND_ASSIGN(EventBatch batch, log_->ReadBack(4, 3, 1 << 20));
  EXPECT_THAT(SeqsOf(batch), ElementsAre(4, 3, 2));
  EXPECT_EQ(batch.position, 1u);
  ASSERT_OK_AND_ASSIGN(batch, log_->ReadBack(batch.position, 3, 1 << 20));
  EXPECT_THAT(SeqsOf(batch), ElementsAre(1));
  EXPECT_EQ(batch.position, 0u);
}

TEST_P(EventLogReadTest, ReadingBackBeginsAtTheHead) {
  AppendMany(2);
  ASSERT_OK_AND_ASSIGN(const EventBatch batch,
                       log_->ReadBack(UINT64_MAX, 10, 1 << 20));
  EXPECT_THAT(SeqsOf(batch), ElementsAre(2, 1));
}

TEST_P(EventLogReadTest, ReadingBackEndsAtTheTail) {
  AppendMany(5);
  DeleteUpTo(3);
  ASSERT_OK_AND_ASSIGN(const EventBatch batch, log_->ReadBack(5, 10, 1 << 20));
  EXPECT_THAT(SeqsOf(batch), ElementsAre(5, 4));
  EXPECT_EQ(batch.position, 0u);
}

TEST_P(EventLogReadTest, ReadingBackKeepsToItsBytesButReadsOne) {
  AppendMany(3);
  ASSERT_OK_AND_ASSIGN(const EventBatch batch, log_->ReadBack(3, 10, 1));
  EXPECT_THAT(SeqsOf(batch), ElementsAre(3));
  EXPECT_EQ(batch.position, 2u);
}

TEST_P(EventLogReadTest, PositionAtATimeIsBeforeTheFirstEventSince) {
  const absl::Time start = clock_.Now();
  for (int i = 0; i < 10; ++i) {  // Two events a second.
    AppendMany(2);
    clock_.AdvanceTime(absl::Seconds(1));
  }
  EXPECT_THAT(log_->PositionAt(absl::InfinitePast()), IsOkAndHolds(0u));
  EXPECT_THAT(log_->PositionAt(start), IsOkAndHolds(0u));
  EXPECT_THAT(log_->PositionAt(start + absl::Nanoseconds(1)), IsOkAndHolds(2u));
  EXPECT_THAT(log_->PositionAt(start + absl::Seconds(4)), IsOkAndHolds(8u));
  EXPECT_THAT(log_->PositionAt(start + absl::Seconds(9)), IsOkAndHolds(18u));
  EXPECT_THAT(log_->PositionAt(start + absl::Seconds(10)), IsOkAndHolds(20u));
  EXPECT_THAT(log_->PositionAt(absl::InfiniteFuture()), IsOkAndHolds(20u));
}

// Received before `time`, and not stored yet: no subscriber from `time` on may
// see it.
TEST_P(EventLogReadTest, PositionAtATimeWaitsForWhatIsBeingStored) {
  Mutex mu;
  CondVar changed;
  bool open = false;
  bool stored = false;
  store_->Submit(
      [&](Transaction&) {
        MutexLock lock(mu);
        while (!open) changed.Wait(mu);
        return absl::OkStatus();
      },
      [](absl::Status) {});
  log_->Append(MakeEvent("earlier"), [&](absl::StatusOr<Appended>) {
    MutexLock lock(mu);
    stored = true;
    changed.SignalAll();
  });
  clock_.AdvanceTime(absl::Seconds(1));
  absl::StatusOr<uint64_t> position;
  std::thread asks([&] { position = log_->PositionAt(clock_.Now()); });
  {
    MutexLock lock(mu);
    open = true;
    changed.SignalAll();
    while (!stored) changed.Wait(mu);
  }
  asks.join();
  EXPECT_THAT(position, IsOkAndHolds(1u));
}

TEST_P(EventLogReadTest, WhatComesAfterAPositionAtATimeWasReceivedThen) {
  const absl::Time time = clock_.Now() + absl::Seconds(1);
  clock_.AdvanceTime(absl::Seconds(1));
  ASSERT_THAT(log_->PositionAt(time), IsOkAndHolds(0u));
  clock_.AdvanceTime(-absl::Hours(1));
  ASSERT_THAT(Append("later"), IsOk());
  const v1::Event event = ReadAll().at(0);
  EXPECT_GE(absl::FromUnixSeconds(event.received_time().seconds()) +
                absl::Nanoseconds(event.received_time().nanos()),
            absl::FromUnixMicros(absl::ToUnixMicros(time)));
}

TEST_P(EventLogReadTest, PositionAtAForgottenTimeIsBeforeTheTail) {
  AppendMany(6);
  DeleteUpTo(4);
  EXPECT_THAT(log_->PositionAt(clock_.Now()), IsOkAndHolds(4u));
}

TEST_P(EventLogReadTest, PositionInAnEmptyLogIsZero) {
  EXPECT_THAT(log_->PositionAt(clock_.Now()), IsOkAndHolds(0u));
}

}  // namespace
}  // namespace chatgate
