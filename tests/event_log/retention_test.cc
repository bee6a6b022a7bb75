#include "server/event_log/retention.h"

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "server/event_log/retention_thread.h"
#include "tests/event_log/event_log_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RetentionTest : public EventLogFixture {
 protected:
  // Bodies `1`, `2`, ... an hour apart.
  void AppendHourly(int count) {
    for (int i = 1; i <= count; ++i) {
      clock_.AdvanceTime(absl::Hours(1));
      ASSERT_THAT(Append(absl::StrCat(i)), IsOk());
    }
  }
  Retention::Deleted Enforce(const RetentionOptions& options) {
    Retention retention(*store_, *log_, clock_, options);
    const absl::StatusOr<Retention::Deleted> deleted = retention.Enforce();
    EXPECT_THAT(deleted, IsOk());
    return deleted.value_or(Retention::Deleted{});
  }
  int64_t Count(const std::string& sql) {
    int64_t count = -1;
    EXPECT_THAT(store_->Read([&](Connection& connection) -> absl::Status {
      absl::StatusOr<Statement> select = connection.Prepare(sql);
      if (!select.ok()) return select.status();
      const absl::StatusOr<bool> row = select->Step();
      if (row.ok() && *row) count = select->Int(0);
      return row.status();
    }),
                IsOk());
    return count;
  }
  static RetentionOptions Age(absl::Duration age) { return {.age_max = age}; }
};

TEST_F(RetentionTest, WithoutLimitsEverythingIsKept) {
  AppendHourly(3);
  clock_.AdvanceTime(absl::Hours(24 * 365 * 50));
  EXPECT_EQ(Enforce({}).by_age, 0u);
  EXPECT_THAT(Bodies(), ElementsAre("1", "2", "3"));
}

TEST_F(RetentionTest, WhatIsTooOldGoes) {
  AppendHourly(5);  // They are 4, 3, 2, 1 and 0 hours old.
  EXPECT_EQ(Enforce(Age(absl::Hours(2))).by_age, 2u);
  EXPECT_EQ(log_->Tail(), 3u);
  EXPECT_THAT(Bodies(2), ElementsAre("3", "4", "5"));
}

TEST_F(RetentionTest, ItDeletesInSmallWorksButAll) {
  AppendHourly(20);
  clock_.AdvanceTime(absl::Hours(100));
  RetentionOptions options = Age(absl::Hours(1));
  options.trim_events = 3;
  EXPECT_EQ(Enforce(options).by_age, 20u);
  EXPECT_EQ(log_->Tail(), 21u);
}

TEST_F(RetentionTest, BodiesGoWithTheirEvents) {
  NewEvent event = MakeEvent("1");
  event.raw = "as received";
  ASSERT_THAT(Append(std::move(event)), IsOk());
  clock_.AdvanceTime(absl::Hours(2));
  Enforce(Age(absl::Hours(1)));
  EXPECT_EQ(Count("SELECT count(*) FROM event_log_raws"), 0);
  EXPECT_THAT(log_->ReadRaw(1), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RetentionTest, TheLogGoesOnWhereItWasWhenNothingIsLeft) {
  AppendHourly(3);
  clock_.AdvanceTime(absl::Hours(100));
  Enforce(Age(absl::Hours(1)));
  Reopen();
  EXPECT_EQ(log_->Head(), 3u);
  EXPECT_EQ(log_->Tail(), 4u);
  ASSERT_OK_AND_ASSIGN(const Appended next, Append("4"));
  EXPECT_EQ(next.seq, 4u);
  EXPECT_THAT(Bodies(3), ElementsAre("4"));
}

TEST_F(RetentionTest, TheTailSurvivesARestart) {
  AppendHourly(5);
  Enforce(Age(absl::Hours(2)));
  Reopen();
  EXPECT_EQ(log_->Tail(), 3u);
  EXPECT_EQ(Enforce(Age(absl::Hours(2))).by_age, 0u);
}

// Also where memory still holds them: a stream and a restart later agree.
TEST_F(RetentionTest, AReaderBehindTheTailIsToldOfTheGap) {
  AppendHourly(5);
  Enforce(Age(absl::Hours(2)));
  EXPECT_FALSE(log_->ReadRecent(0, 1, 1).has_value());
  EXPECT_TRUE(log_->ReadRecent(2, 1, 1).has_value());
  ASSERT_OK_AND_ASSIGN(const EventBatch batch, log_->ReadAfter(0, 10, 1 << 20));
  ASSERT_TRUE(batch.lost.has_value());
  EXPECT_EQ(batch.lost->first_seq, 1u);
  EXPECT_EQ(batch.lost->last_seq, 2u);
}

TEST_F(RetentionTest, AWebhookRepeatedAfterItsEventIsGoneIsStillOne) {
  ASSERT_THAT(Append(MakeKeyed("1", 5)), IsOk());
  clock_.AdvanceTime(absl::Hours(100));
  Enforce(Age(absl::Hours(1)));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const Appended again, Append(MakeKeyed("1", 5)));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.seq, 1u);
  EXPECT_THAT(Bodies(1), IsEmpty());
}

class SizeTest : public RetentionTest {
 protected:
  static constexpr uint64_t kMiB = uint64_t{1} << 20;

  // Each a little over 256 KiB, a quarter of it in the event.
  void AppendBig(int count) {
    for (int i = 0; i < count; ++i) {
      NewEvent event = MakeEvent(std::string(64 << 10, 'x'));
      event.raw = std::string(192 << 10, 'y');
      ASSERT_THAT(Append(std::move(event)), IsOk());
    }
  }
};

TEST_F(SizeTest, TheOldestGoUntilTheRestFits) {
  AppendBig(40);  // Ten MiB.
  Retention retention(*store_, *log_, clock_, {.bytes_max = 5 * kMiB});
  ASSERT_OK_AND_ASSIGN(const Retention::Deleted deleted, retention.Enforce());
  EXPECT_GE(deleted.by_bytes, 20u);
  EXPECT_LE(deleted.by_bytes, 25u);
  EXPECT_LE(retention.bytes(), 5 * kMiB);
  EXPECT_EQ(log_->Head(), 40u);
  EXPECT_EQ(log_->Tail(), deleted.by_bytes + 1);
}

// Few events may be many bytes: those who write wait for each work.
TEST_F(SizeTest, OneWorkDeletesAFewMebibytes) {
  AppendBig(40);  // Ten MiB.
  ASSERT_THAT(log_->Trim(40, 500), IsOk());
  const uint64_t tail = log_->Tail();
  EXPECT_GE(tail, 15u);
  EXPECT_LE(tail, 18u);
  clock_.AdvanceTime(absl::Hours(2));
  EXPECT_EQ(Enforce(Age(absl::Hours(1))).by_age, 41u - tail);
}

TEST_F(SizeTest, WhatFitsStays) {
  AppendBig(8);
  EXPECT_EQ(Enforce({.bytes_max = 5 * kMiB}).by_bytes, 0u);
}

TEST_F(SizeTest, WhatComesLaterCountsToo) {
  Retention retention(*store_, *log_, clock_, {.bytes_max = 3 * kMiB});
  for (int round = 0; round < 8; ++round) {
    AppendBig(4);
    ASSERT_THAT(retention.Enforce(), IsOk());
    EXPECT_LE(retention.bytes(), 3 * kMiB);
  }
  EXPECT_GE(log_->Tail(), 20u);
  EXPECT_EQ(log_->Head(), 32u);
}

TEST_F(SizeTest, BothLimitsHoldTogether) {
  AppendBig(10);
  clock_.AdvanceTime(absl::Hours(5));
  AppendBig(20);
  const Retention::Deleted deleted =
      Enforce({.age_max = absl::Hours(1), .bytes_max = 3 * kMiB});
  EXPECT_EQ(deleted.by_age, 10u);
  EXPECT_GE(deleted.by_bytes, 8u);
}

// Writers, readers and retention at once: no append fails, and what a reader
// gets is a run of events with every hole told.
TEST_F(RetentionTest, DeletingDisturbsNeitherWritersNorReaders) {
  constexpr int kEvents = 400;
  std::atomic<bool> written = false;
  std::thread writer([&] {
    for (int i = 1; i <= kEvents; ++i) {
      clock_.AdvanceTime(absl::Seconds(1));
      EXPECT_THAT(Append(absl::StrCat(i)), IsOk());
    }
    written = true;
  });
  std::thread deleter([&] {
    Retention retention(*store_, *log_, clock_,
                        {.age_max = absl::Seconds(20), .trim_events = 7});
    while (!written) EXPECT_THAT(retention.Enforce(), IsOk());
  });
  uint64_t position = 0;
  uint64_t got = 0;
  uint64_t lost = 0;
  while (position < kEvents) {
    const absl::StatusOr<EventBatch> batch =
        log_->ReadAfter(position, 5, 1 << 20);
    ASSERT_THAT(batch, IsOk());
    if (batch->lost.has_value()) {
      ASSERT_EQ(batch->lost->first_seq, position + 1);
      lost += batch->lost->last_seq - position;
      position = batch->lost->last_seq;
    }
    for (const auto& record : batch->events) {
      ASSERT_EQ(record->seq, ++position);
      ++got;
    }
  }
  writer.join();
  deleter.join();
  EXPECT_EQ(got + lost, static_cast<uint64_t>(kEvents));
}

TEST_F(RetentionTest, TheThreadDeletesAndCounts) {
  AppendHourly(5);
  prometheus::Registry registry;
  Retention retention(*store_, *log_, clock_, Age(absl::Hours(2)));
  RetentionThread thread(retention, absl::Milliseconds(1), registry);
  prometheus::Counter& deleted = prometheus::BuildCounter()
                                     .Name("chatgate_events_deleted_total")
                                     .Register(registry)
                                     .Add({{"reason", "age"}});
  while (deleted.Value() < 2) std::this_thread::yield();
  clock_.AdvanceTime(absl::Hours(1));
  while (deleted.Value() < 3) std::this_thread::yield();
  EXPECT_EQ(log_->Tail(), 4u);
}

}  // namespace
}  // namespace chatgate
