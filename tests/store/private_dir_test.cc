#include "server/store/private_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "server/store/data_dir.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

class PrivateDirTest : public ::testing::Test {
 protected:
  PrivateDirTest() { mkdir(path_.c_str(), 0700); }

  void SetMode(mode_t mode) { ASSERT_EQ(chmod(path_.c_str(), mode), 0); }
  unsigned Mode() const {
    struct stat folder = {};
    EXPECT_EQ(stat(path_.c_str(), &folder), 0);
    return folder.st_mode & 07777;
  }

  TempDir temp_;
  const std::string path_ = temp_.File("data");
};

TEST_F(PrivateDirTest, FolderThatIsOpenToOthersIsClosedToThem) {
  for (const mode_t mode : {0755, 0750, 0701, 02775}) {
    SetMode(mode);
    EXPECT_THAT(MakePrivate(path_, geteuid()), IsOk());
    EXPECT_EQ(Mode() & 0777, 0700u) << mode;
  }
}

TEST_F(PrivateDirTest, AGatewaysFolderIsClosedWhateverItHolds) {
  temp_.Write("data/LOCK", "1\n");
  temp_.Write("data/api.token", "x");
  SetMode(0755);
  EXPECT_THAT(MakePrivate(path_, geteuid()), IsOk());
  EXPECT_EQ(Mode(), 0700u);
}

// Put back from a backup it has no lock yet.
TEST_F(PrivateDirTest, ARestoredFolderIsClosedToo) {
  temp_.Write("data/chatgate.db", "x");
  SetMode(0755);
  EXPECT_THAT(MakePrivate(path_, geteuid()), IsOk());
  EXPECT_EQ(Mode(), 0700u);
}

TEST_F(PrivateDirTest, ANewFileSystemIsClosedToo) {
  std::filesystem::create_directory(path_ + "/lost+found");
  SetMode(0755);
  EXPECT_THAT(MakePrivate(path_, geteuid()), IsOk());
  EXPECT_EQ(Mode(), 0700u);
}

TEST_F(PrivateDirTest, PrivateFolderStaysAsItIs) {
  temp_.Write("data/key", "x");
  SetMode(0500);
  EXPECT_THAT(MakePrivate(path_, geteuid() + 1), IsOk());
  EXPECT_EQ(Mode(), 0500u);
  SetMode(0700);
}

// A slip such as /var/lib.
TEST_F(PrivateDirTest, FolderWithOtherThingsIsRefusedAndStaysOpen) {
  temp_.Write("data/dpkg", "x");
  SetMode(0755);
  EXPECT_THAT(MakePrivate(path_, geteuid()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("mode 0755) and holds what is no gateway's")));
  EXPECT_EQ(Mode(), 0755u);
}

TEST_F(PrivateDirTest, FolderOfAnotherUserIsRefused) {
  SetMode(0755);
  EXPECT_THAT(MakePrivate(path_, geteuid() + 1),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("belongs to user")));
}

TEST_F(PrivateDirTest, TheDataDirectoryIsClosedWhenItIsLocked) {
  SetMode(0755);
  EXPECT_THAT(DataDir::Lock(path_), IsOk());
  EXPECT_EQ(Mode(), 0700u);
}

}  // namespace
}  // namespace chatgate
