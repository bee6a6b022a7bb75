#include "server/platform/sql.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class QueryPlanTest : public PlatformTest {
 protected:
  // What SQLite would do, a line a step.
  std::string Plan(const std::string& sql) {
    std::string plan;
    const absl::Status status = store_->Write([&](Transaction& transaction) {
      absl::StatusOr<Statement> explain =
          transaction.Prepare("EXPLAIN QUERY PLAN " + sql);
      if (!explain.ok()) return explain.status();
      while (true) {
        const absl::StatusOr<bool> row = explain->Step();
        if (!row.ok()) return row.status();
        if (!*row) return absl::OkStatus();
        plan += std::string(explain->Text(3)) + "\n";
      }
    });
    EXPECT_THAT(status, IsOk()) << sql;
    return plan;
  }
};

TEST_F(QueryPlanTest, NoStatementReadsATableWithoutAnIndex) {
  for (const std::string& sql : platform::EveryStatement())
    EXPECT_THAT(Plan(sql), Not(HasSubstr("SCAN"))) << sql;
}

// A page that is sorted costs as much as everything it was sorted out of.
TEST_F(QueryPlanTest, NoListIsSortedAnew) {
  for (const std::string& sql : platform::EveryStatement())
    EXPECT_THAT(Plan(sql), Not(HasSubstr("TEMP B-TREE"))) << sql;
}

TEST_F(QueryPlanTest, ScanIsFoundOut) {
  EXPECT_THAT(Plan("SELECT * FROM platform_parts WHERE part = ?"),
              HasSubstr("SCAN"));
}

}  // namespace
}  // namespace chatgate
