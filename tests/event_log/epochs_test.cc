#include "server/event_log/epochs.h"

#include <sqlite3.h>

#include "server/subscription/start_position.h"
#include "tests/event_log/event_log_fixture.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

TEST(EpochsTest, EachSeqIsOfTheRunThatWroteIt) {
  const Epochs epochs({{0, 0xA1}, {1, 0xA2}, {5, 0xA3}});
  EXPECT_EQ(epochs.At(0), 0xA1u);
  EXPECT_EQ(epochs.At(1), 0xA2u);
  EXPECT_EQ(epochs.At(4), 0xA2u);
  EXPECT_EQ(epochs.At(5), 0xA3u);
  EXPECT_EQ(epochs.At(UINT64_MAX), 0xA3u);
}

TEST(EpochsTest, RunsOfALogAreKnownFromThoseOfAnother) {
  ASSERT_OK_AND_ASSIGN(const uint64_t log, MakeEpoch());
  ASSERT_OK_AND_ASSIGN(const uint64_t next, MakeNextEpoch(log));
  ASSERT_OK_AND_ASSIGN(const uint64_t other, MakeEpoch());
  EXPECT_NE(next, log);
  EXPECT_TRUE(AreOfOneLog(log, next));
  EXPECT_FALSE(AreOfOneLog(log, other));
}

// A log, and a copy of it from an earlier day.
class RestoredLogTest : public EventLogFixture {
 protected:
  // As an operator does, while it runs.
  void Copy() {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(store_options_.path.c_str(), &db), SQLITE_OK);
    const std::string sql =
        absl::StrCat("VACUUM INTO '", dir_.File("copy.db"), "'");
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  void Restore() {
    store_options_.path = dir_.File("copy.db");
    Reopen();
  }
  void AppendMany(int events) {
    for (int i = 0; i < events; ++i) EXPECT_THAT(Append("x"), IsOk());
  }
  std::string CursorAt(uint64_t seq) const {
    return EncodeCursor(log_->CursorAt(seq));
  }
  absl::StatusOr<uint64_t> PositionOf(const std::string& cursor) const {
    return PositionOfCursor(*log_, "cursor", cursor);
  }
};

TEST_F(RestoredLogTest, WhatTheCopyHasIsWhereItWas) {
  AppendMany(3);
  const std::string start = CursorAt(0);
  const std::string cursor = CursorAt(3);
  Copy();
  Restore();
  AppendMany(2);
  EXPECT_THAT(PositionOf(start), IsOkAndHolds(0));
  EXPECT_THAT(PositionOf(cursor), IsOkAndHolds(3));
}

// Otherwise a subscriber would go on in the middle, and never know.
TEST_F(RestoredLogTest, APositionThatTheCopyNeverHadIsRefused) {
  AppendMany(3);
  Copy();
  AppendMany(2);
  const std::string cursor = CursorAt(5);
  Restore();
  EXPECT_THAT(PositionOf(cursor), StatusIs(absl::StatusCode::kOutOfRange));
  AppendMany(2);
  EXPECT_THAT(
      PositionOf(cursor),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("restored")));
  Reopen();
  AppendMany(2);
  EXPECT_THAT(PositionOf(cursor),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(PositionOf(CursorAt(5)), IsOkAndHolds(5));
}

TEST_F(RestoredLogTest, EventsOfTheSameSeqHaveTwoIds) {
  Copy();
  AppendMany(1);
  const std::string id = ReadAll()[0].id();
  Restore();
  AppendMany(1);
  EXPECT_NE(ReadAll()[0].id(), id);
}

// An epoch is stored with the first event, so that what is there while a disk
// is full can be read, and restarts leave nothing behind.
TEST_F(RestoredLogTest, WhoAppendsNothingLeavesNoEpoch) {
  AppendMany(1);
  for (int i = 0; i < 5; ++i) Reopen();
  ASSERT_THAT(store_->Read([](Connection& connection) -> absl::Status {
    auto select = connection.Prepare("SELECT count(*) FROM event_log_epochs");
    EXPECT_THAT(select->Step(), IsOkAndHolds(true));
    EXPECT_EQ(select->Int(0), 2);
    return absl::OkStatus();
  }),
              IsOk());
}

// The append that brings the epoch may fail.
TEST_F(RestoredLogTest, AnEpochIsStoredThoughTheFirstAppendFails) {
  EXPECT_THAT(store_->Write([this](Transaction& transaction) -> absl::Status {
    EXPECT_THAT(log_->AppendInTransaction(transaction, MakeEvent("undone")),
                IsOk());
    return absl::AbortedError("undone");
  }),
              StatusIs(absl::StatusCode::kAborted));
  AppendMany(1);
  const std::string cursor = CursorAt(1);
  Reopen();
  AppendMany(1);
  EXPECT_THAT(PositionOf(cursor), IsOkAndHolds(1));
}

// Of a log that was made before there were epochs of runs.
TEST_F(RestoredLogTest, CursorsOfAnOlderVersionGoOn) {
  store_options_.path = dir_.File("old.db");
  const std::vector<std::string> steps = EventLogSchema().steps;
  log_ = nullptr;
  store_ = nullptr;
  ASSERT_OK_AND_ASSIGN(
      store_, Store::Open(store_options_, {{"event_log", {steps[0]}}}));
  ASSERT_THAT(store_->Write([](Transaction& transaction) {
    return transaction.connection().Execute(
        "INSERT INTO event_log_state (id, epoch, trimmed_seq)"
        " VALUES (1, 1311768467463790320, 7)");
  }),
              IsOk());
  Reopen();
  constexpr uint64_t kEpoch = 1'311'768'467'463'790'320;
  EXPECT_THAT(PositionOf(EncodeCursor({kEpoch, 7})), IsOkAndHolds(7));
  AppendMany(1);
  EXPECT_THAT(PositionOf(EncodeCursor({kEpoch, 7})), IsOkAndHolds(7));
  EXPECT_THAT(PositionOf(CursorAt(8)), IsOkAndHolds(8));
}

}  // namespace
}  // namespace chatgate
