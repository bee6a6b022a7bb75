#include "server/platform/platform_snapshots.h"

#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Parts of each open conversation.
using Inbox = std::map<uint64_t, int64_t>;

class PlatformSnapshotsTest : public PlatformTest {
 protected:
  PlatformSnapshotsTest()
      : snapshots_(*store_, clock_, dir_.path(),
                   {FromText<v1::AppConfig>("id: 777 embedded {}"),
                    FromText<v1::AppConfig>("id: 888 embedded {}"),
                    FromText<v1::AppConfig>("id: 999 web_api {}")}) {}

  std::unique_ptr<SnapshotFile> Take(SnapshotRequest request = {}) {
    if (!request.wanted) {
      request.wanted = [](const std::string&, const std::string&) {
        return true;
      };
    }
    auto file = snapshots_.TakeSnapshot(request);
    EXPECT_THAT(file, IsOk());
    return *std::move(file);
  }
  static std::vector<v1::Conversation> Read(SnapshotFile& file) {
    std::vector<v1::Conversation> conversations;
    while (!file.AtEnd()) {
      v1::Snapshot piece;
      EXPECT_TRUE(piece.ParseFromString(file.Next().value_or("?")));
      for (const auto& each : piece.conversations()) {
        conversations.push_back(each);
      }
    }
    EXPECT_EQ(file.total(), static_cast<int64_t>(conversations.size()));
    return conversations;
  }
  static std::vector<uint64_t> IdsOf(SnapshotFile& file) {
    std::vector<uint64_t> ids;
    for (const auto& each : Read(file)) ids.push_back(each.id());
    return ids;
  }
  absl::Status Close(uint64_t conversation) {
    v1::CloseConversationRequest request;
    request.set_conversation_id(conversation);
    v1::CloseConversationResponse response;
    return Call(request, &response);
  }

  PlatformSnapshots snapshots_;
};

TEST_F(PlatformSnapshotsTest, HoldsTheOpenConversationsAsTheCallAnswersThem) {
  const uint64_t first = StartConversation("one", "a");
  const uint64_t second = StartConversation("two", "b");
  const uint64_t third = StartConversation("three", "c");
  ASSERT_THAT(Close(second), IsOk());
  const auto file = Take();
  EXPECT_EQ(file->seq(), log_->Head());
  const std::vector<v1::Conversation> conversations = Read(*file);
  ASSERT_EQ(conversations.size(), 2u);
  EXPECT_EQ(conversations[0].DebugString(), Conversation(first).DebugString());
  EXPECT_EQ(conversations[1].DebugString(), Conversation(third).DebugString());
}

TEST_F(PlatformSnapshotsTest, HoldsOnlyTheAppsAskedFor) {
  StartConversation("one");
  EXPECT_THAT(IdsOf(*Take({.app_ids = {888}})), IsEmpty());
}

TEST_F(PlatformSnapshotsTest, HoldsOnlyTheConversationsWanted) {
  StartConversation("one", "a");
  const uint64_t second = StartConversation("two", "b");
  const auto file =
      Take({.app_ids = {},
            .wanted = [&](const std::string& conversation,
                          const std::string& user_id) {
              return conversation == absl::StrCat("dashly:", second) &&
                     !user_id.empty();
            }});
  EXPECT_THAT(IdsOf(*file), ElementsAre(second));
}

// A reader that left, or a gateway that stops, does not wait for a large one.
TEST_F(PlatformSnapshotsTest, OneThatIsGivenUpEndsAtTheNextConversation) {
  for (int i = 0; i < 5; ++i) StartConversation("hello", absl::StrCat(i));
  int looked = 0;
  SnapshotRequest request;
  request.wanted = [&](const std::string&, const std::string&) {
    return ++looked < 100;
  };
  request.given_up = [&] { return looked == 2; };
  EXPECT_THAT(snapshots_.TakeSnapshot(request),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(looked, 2);
}

TEST_F(PlatformSnapshotsTest, AppsOfTheWebApiHaveNone) {
  EXPECT_TRUE(snapshots_.HasSnapshot({}));
  EXPECT_TRUE(snapshots_.HasSnapshot({777, 999}));
  EXPECT_FALSE(snapshots_.HasSnapshot({999}));
}

// As what no retry can mend: a client that came again would have all of them
// read again, for ever.
TEST_F(PlatformSnapshotsTest, TooLargeIsRefusedForGood) {
  PlatformSnapshots small(*store_, clock_, dir_.path(),
                          {FromText<v1::AppConfig>("id: 777 embedded {}")},
                          {.bytes_max = 100});
  StartConversation(std::string(1000, 'x'));
  EXPECT_THAT(
      small.TakeSnapshot({.app_ids = {},
                          .wanted = [](const std::string&,
                                       const std::string&) { return true; }}),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("filter")));
}

// What the events up to `seq` made.
Inbox Fold(const std::vector<v1::Event>& events, uint64_t seq) {
  std::map<uint64_t, int64_t> parts;
  std::map<uint64_t, bool> open;
  for (const v1::Event& event : events) {
    if (event.seq() > seq || !event.has_dashly_conversation()) continue;
    const auto& part = event.dashly_conversation().conversation();
    ++parts[part.conversation()];
    if (part.direction() == "u2a") open[part.conversation()] = true;
    if (part.type() == "closed") open[part.conversation()] = false;
  }
  Inbox inbox;
  for (const auto& [id, is_open] : open) {
    if (is_open) inbox[id] = parts[id];
  }
  return inbox;
}

// Writers that never rest, and snapshots in between: each must hold exactly
// what the events up to its seq made, so that with those after it nothing is
// missed or doubled.
TEST_F(PlatformSnapshotsTest, SnapshotAndLaterEventsMakeTheState) {
  constexpr int kWriters = 3;
  constexpr int kChanges = 60;
  constexpr size_t kStates = 10;  // Fewer would show nothing.
  std::atomic<int> writing = kWriters;
  std::atomic<bool> enough = false;
  std::vector<std::thread> writers;
  for (unsigned i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      std::minstd_rand random(i + 1);
      std::vector<uint64_t> mine;
      for (int n = 0; n < kChanges || !enough; ++n) {
        const unsigned action = mine.empty() ? 0 : random() % 4;
        const uint64_t one = mine.empty() ? 0 : mine[random() % mine.size()];
        if (action == 0) {
          mine.push_back(StartConversation("hello", absl::StrCat(i, "/", n)));
        } else if (action == 1) {
          EXPECT_THAT(Close(one), IsOk());
        } else if (action == 2) {  // The lead opens it again.
          EXPECT_THAT(Reply(one, "again", "from_user: 'true'"), IsOk());
        } else {
          EXPECT_THAT(Reply(one, "answer"), IsOk());
        }
      }
      --writing;
    });
  }
  std::vector<std::pair<uint64_t, Inbox>> taken;
  std::set<uint64_t> seqs;
  while (writing > 0) {
    const auto file = Take();
    Inbox inbox;
    for (const auto& each : Read(*file)) inbox[each.id()] = each.parts_count();
    taken.emplace_back(file->seq(), std::move(inbox));
    seqs.insert(file->seq());
    if (seqs.size() >= kStates) enough = true;
  }
  for (std::thread& writer : writers) writer.join();
  const std::vector<v1::Event> events = Events();
  for (const auto& [seq, inbox] : taken) {
    ASSERT_EQ(inbox, Fold(events, seq)) << "as of " << seq;
  }
}

}  // namespace
}  // namespace chatgate
