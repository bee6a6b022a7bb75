// Databases that are older, newer, or none.
#include <string>

#include "tests/store/store_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
