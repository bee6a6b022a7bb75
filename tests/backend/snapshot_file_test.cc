#include "server/backend/snapshot_file.h"

#include <filesystem>

#include "chatgate/v1/chat_service.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SnapshotFileTest : public ::testing::Test {
 protected:
  void Create(const SnapshotLimits& limits = {}) {
    ASSERT_OK_AND_ASSIGN(file_, SnapshotFile::Create(dir_.path(), 7, limits));
  }
  absl::Status Add(uint64_t id, size_t bytes = 0) {
    v1::Conversation conversation;
    conversation.set_id(id);
    conversation.set_type(std::string(bytes, 'x'));
    return file_->Add(conversation);
  }
  // The ids in the next piece.
  std::vector<uint64_t> NextIds() {
    const absl::StatusOr<std::string> piece = file_->Next();
    EXPECT_THAT(piece, IsOk());
    v1::Snapshot snapshot;
    EXPECT_TRUE(snapshot.ParseFromString(*piece));
    std::vector<uint64_t> ids;
    for (const auto& each : snapshot.conversations()) ids.push_back(each.id());
    return ids;
  }

  TempDir dir_;
  std::unique_ptr<SnapshotFile> file_;
};

TEST_F(SnapshotFileTest, AnEmptyOneHasNoPiece) {
  Create();
  ASSERT_THAT(file_->EndFilling(), IsOk());
  EXPECT_TRUE(file_->AtEnd());
  EXPECT_THAT(NextIds(), IsEmpty());
  EXPECT_EQ(file_->total(), 0);
  EXPECT_EQ(file_->seq(), 7u);
}

// A database that cannot write any more needs a restart: it goes first.
TEST_F(SnapshotFileTest, LeavesRoomOnTheDisk) {
  Create({.disk_free_min = uint64_t{1} << 60});
  ASSERT_THAT(Add(1, 100), IsOk());
  EXPECT_THAT(file_->EndFilling(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SnapshotFileTest, WhatWasAddedComesBackInOrderAndInPieces) {
  Create({.piece_bytes_max = 250});
  for (uint64_t id = 1; id <= 5; ++id) ASSERT_THAT(Add(id, 100), IsOk());
  ASSERT_THAT(file_->EndFilling(), IsOk());
  EXPECT_EQ(file_->total(), 5);
  EXPECT_THAT(NextIds(), ElementsAre(1, 2));
  EXPECT_THAT(NextIds(), ElementsAre(3, 4));
  EXPECT_FALSE(file_->AtEnd());
  EXPECT_THAT(NextIds(), ElementsAre(5));
  EXPECT_TRUE(file_->AtEnd());
}

TEST_F(SnapshotFileTest, ALargeConversationIsAPieceOfItsOwn) {
  Create({.piece_bytes_max = 50});
  ASSERT_THAT(Add(1), IsOk());
  ASSERT_THAT(Add(2, 100), IsOk());
  ASSERT_THAT(file_->EndFilling(), IsOk());
  EXPECT_THAT(NextIds(), ElementsAre(1));
  EXPECT_THAT(NextIds(), ElementsAre(2));
}

TEST_F(SnapshotFileTest, TheFileHasALimit) {
  Create({.bytes_max = 1000});
  ASSERT_THAT(Add(1, 900), IsOk());
  EXPECT_THAT(Add(2, 100), StatusIs(absl::StatusCode::kFailedPrecondition));
}

// So that no crash leaves chats behind in a folder.
TEST_F(SnapshotFileTest, TheFileHasNoName) {
  Create();
  ASSERT_THAT(Add(1, 1000), IsOk());
  ASSERT_THAT(file_->EndFilling(), IsOk());
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

TEST_F(SnapshotFileTest, WithoutAFolderThereIsNone) {
  EXPECT_THAT(SnapshotFile::Create(dir_.File("missing"), 1, {}),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace chatgate
