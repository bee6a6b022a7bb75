#include "server/store/data_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

unsigned ModeOf(const std::string& path) {
  struct stat file = {};
  EXPECT_EQ(stat(path.c_str(), &file), 0) << path;
  return file.st_mode & 0777;
}

TEST(DataDirTest, MissingFoldersAreMadePrivate) {
  TempDir temp;
  const std::string path = temp.File("a/b/data");
  EXPECT_THAT(DataDir::Lock(path), IsOk());
  EXPECT_EQ(ModeOf(path), 0700u);
}

TEST(DataDirTest, SecondOwnerIsRefusedWithThePidOfTheFirst) {
  TempDir temp;
  ASSERT_OK_AND_ASSIGN(auto first, DataDir::Lock(temp.File("data")));
  EXPECT_THAT(DataDir::Lock(temp.File("data")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(absl::StrCat("process ", getpid()))));
}

TEST(DataDirTest, LockIsFreeOnceTheOwnerIsGone) {
  TempDir temp;
  ASSERT_OK_AND_ASSIGN(auto first, DataDir::Lock(temp.File("data")));
  first.reset();
  EXPECT_THAT(DataDir::Lock(temp.File("data")), IsOk());
}

TEST(DataDirTest, FileInThePlaceOfTheFolderIsRefused) {
  TempDir temp;
  EXPECT_THAT(DataDir::Lock(temp.Write("data", "no folder")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(SecretTest, IsMadeOnceWithModeSixHundred) {
  TempDir temp;
  const std::string path = temp.File("api.token");
  ASSERT_OK_AND_ASSIGN(const std::string made, ReadOrCreateSecret(path));
  EXPECT_THAT(made, MatchesRegex("[0-9a-f]{64}"));
  EXPECT_EQ(ModeOf(path), 0600u);
  EXPECT_THAT(ReadOrCreateSecret(path), IsOkAndHolds(made));
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(SecretTest, TwoSecretsDiffer) {
  TempDir temp;
  ASSERT_OK_AND_ASSIGN(const auto one, ReadOrCreateSecret(temp.File("one")));
  ASSERT_OK_AND_ASSIGN(const auto two, ReadOrCreateSecret(temp.File("two")));
  EXPECT_NE(one, two);
}

// A crash between writing and naming leaves a draft, which is no secret yet.
TEST(SecretTest, DraftOfACrashIsReplacedAndMadePrivate) {
  TempDir temp;
  const std::string draft = temp.Write("api.token.new", "half");
  chmod(draft.c_str(), 0644);
  ASSERT_OK_AND_ASSIGN(const std::string made,
                       ReadOrCreateSecret(temp.File("api.token")));
  EXPECT_EQ(made.size(), 64u);
  EXPECT_EQ(ModeOf(temp.File("api.token")), 0600u);
}

TEST(SecretTest, OwnSecretIsReadWithoutWhiteSpace) {
  TempDir temp;
  EXPECT_THAT(ReadOrCreateSecret(temp.Write("token", " mine\n")),
              IsOkAndHolds("mine"));
}

TEST(SecretTest, EmptyFileIsRefused) {
  TempDir temp;
  EXPECT_THAT(ReadOrCreateSecret(temp.Write("token", "\n")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(SecretTest, OverlongFileIsRefused) {
  TempDir temp;
  EXPECT_THAT(ReadOrCreateSecret(temp.Write("token", std::string(5000, 'a'))),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace chatgate
