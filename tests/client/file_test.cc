#include "client/file.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

TEST(FileTest, ReplacedContentIsReadBack) {
  const TempDir dir;
  const std::string path = dir.File("file");
  ASSERT_THAT(ReplaceFile(path, "first, longer"), IsOk());
  ASSERT_THAT(ReplaceFile(path, "second"), IsOk());
  EXPECT_THAT(ReadFile(path), IsOkAndHolds("second"));
}

TEST(FileTest, EmptyAndLargeFilesAreReadWhole) {
  const TempDir dir;
  EXPECT_THAT(ReadFile(dir.Write("empty", "")), IsOkAndHolds(""));
  const std::string large(100'000, 'x');
  EXPECT_THAT(ReadFile(dir.Write("large", large)), IsOkAndHolds(large));
}

// What a crash left half-written is not what is read.
TEST(FileTest, LeftOverOfACrashIsReplaced) {
  const TempDir dir;
  dir.Write("file.new", "torn, and longer than the next");
  ASSERT_THAT(ReplaceFile(dir.File("file"), "whole"), IsOk());
  EXPECT_THAT(ReadFile(dir.File("file")), IsOkAndHolds("whole"));
}

TEST(FileTest, ErrorsNameTheFile) {
  EXPECT_THAT(ReadFile("/nowhere/x"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x")));
  EXPECT_THAT(ReplaceFile("/nowhere/x", ""),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x")));
}

}  // namespace
}  // namespace chatgate
