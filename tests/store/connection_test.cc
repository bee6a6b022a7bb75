#include <limits>
#include <string>

#include "server/base/status_macros.h"
#include "server/store/database.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

TEST(IdToSqlTest, KeepsTheOrderOfUnsignedIds) {
  const uint64_t ids[] = {0, 1, (uint64_t{1} << 63) - 1, uint64_t{1} << 63,
                          std::numeric_limits<uint64_t>::max()};
  for (const uint64_t id : ids) EXPECT_EQ(IdFromSql(IdToSql(id)), id);
  for (int i = 1; i < 5; ++i) EXPECT_LT(IdToSql(ids[i - 1]), IdToSql(ids[i]));
}

class ConnectionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(connection_,
                         Connection::Open(dir_.File("test.db"), false));
    ASSERT_THAT(connection_->Execute("CREATE TABLE t (i, d, t, b, n)"), IsOk());
  }

  TempDir dir_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(ConnectionTest, ValuesComeBackAsTheyWereBound) {
  const std::string blob("a\0b", 3);
  {
    ASSERT_OK_AND_ASSIGN(
        Statement insert,
        connection_->Prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)"));
    insert.Bind(0, std::numeric_limits<int64_t>::min());
    insert.BindDouble(1, 0.5);
    insert.Bind(2, "text");
    insert.BindBlob(3, blob);
    insert.BindNull(4);
    EXPECT_THAT(insert.Run(), IsOk());
  }
  EXPECT_EQ(connection_->LastInsertRowid(), 1);
  EXPECT_EQ(connection_->Changes(), 1);
  ASSERT_OK_AND_ASSIGN(Statement select,
                       connection_->Prepare("SELECT i, d, t, b, n FROM t"));
  EXPECT_THAT(select.Step(), IsOkAndHolds(true));
  EXPECT_EQ(select.Int(0), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(select.Double(1), 0.5);
  EXPECT_EQ(select.Text(2), "text");
  EXPECT_EQ(select.Blob(3), absl::string_view(blob));
  EXPECT_TRUE(select.IsNull(4));
  EXPECT_THAT(select.Step(), IsOkAndHolds(false));
}

TEST_F(ConnectionTest, EmptyTextAndBytesAreNotNull) {
  ASSERT_OK_AND_ASSIGN(Statement select,
                       connection_->Prepare("SELECT ? IS NULL, ? IS NULL"));
  select.Bind(0, absl::string_view());
  select.BindBlob(1, absl::string_view());
  EXPECT_THAT(select.Step(), IsOkAndHolds(true));
  EXPECT_EQ(select.Int(0), 0);
  EXPECT_EQ(select.Int(1), 0);
}

TEST_F(ConnectionTest, StatementInUseIsNotGivenTwice) {
  ASSERT_OK_AND_ASSIGN(Statement first, connection_->Prepare("SELECT 1"));
  EXPECT_THAT(connection_->Prepare("SELECT 1"),
              StatusIs(absl::StatusCode::kInternal));
}

TEST_F(ConnectionTest, StatementIsFreshWhenUsedAgain) {
  {
    ASSERT_OK_AND_ASSIGN(Statement first, connection_->Prepare("SELECT ?"));
    first.Bind(0, 5);
    EXPECT_THAT(first.Step(), IsOkAndHolds(true));
  }
  ASSERT_OK_AND_ASSIGN(Statement again, connection_->Prepare("SELECT ?"));
  EXPECT_THAT(again.Step(), IsOkAndHolds(true));
  EXPECT_TRUE(again.IsNull(0));
}

TEST_F(ConnectionTest, ParameterThatIsNotThereIsToldByTheStep) {
  ASSERT_OK_AND_ASSIGN(Statement select, connection_->Prepare("SELECT 1"));
  select.Bind(3, 5);
  EXPECT_THAT(select.Step(), StatusIs(absl::StatusCode::kInternal));
}

TEST_F(ConnectionTest, TextThatIsNoSqlIsInternal) {
  EXPECT_THAT(connection_->Prepare("SELEC 1"),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(connection_->fault(), IsOk());
}

// Debian compiles secure_delete on and SQLite's own checkpoint swallows errors.
TEST_F(ConnectionTest, WriterSettingsAreThoseOfTheDecisions) {
  const std::pair<const char*, const char*> wanted[] = {
      {"PRAGMA journal_mode", "wal"},
      {"PRAGMA synchronous", "2"},
      {"PRAGMA wal_autocheckpoint", "0"},
      {"PRAGMA secure_delete", "0"}};
  for (const auto& [pragma, value] : wanted) {
    ASSERT_OK_AND_ASSIGN(Statement get, connection_->Prepare(pragma));
    EXPECT_THAT(get.Step(), IsOkAndHolds(true));
    EXPECT_EQ(get.Text(0), value) << pragma;
  }
}

}  // namespace
}  // namespace chatgate
