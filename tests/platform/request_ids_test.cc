#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::SizeIs;

class RequestIdsTest : public PlatformTest {};

TEST_F(RequestIdsTest, SameCallAgainGivesTheFirstAnswer) {
  const uint64_t id = StartConversation("a");
  ASSERT_OK_AND_ASSIGN(const auto first, Reply(id, "hi", "request_id: 'r1'"));
  ASSERT_OK_AND_ASSIGN(const auto again,
                       Reply(id, "hi", "request_id: 'r1' app_id: 777"));
  EXPECT_EQ(again.DebugString(), first.DebugString());
  EXPECT_THAT(Parts(id), SizeIs(2));
  EXPECT_THAT(Events(), SizeIs(2));
}

TEST_F(RequestIdsTest, RememberedAcrossARestart) {
  const uint64_t id = StartConversation("a");
  ASSERT_OK_AND_ASSIGN(const auto first, Reply(id, "hi", "request_id: 'r1'"));
  Reopen();
  clock_.AdvanceTime(absl::Hours(24 * 30));
  ASSERT_OK_AND_ASSIGN(const auto again, Reply(id, "hi", "request_id: 'r1'"));
  EXPECT_EQ(again.part().id(), first.part().id());
  EXPECT_THAT(Parts(id), SizeIs(2));
}

TEST_F(RequestIdsTest, OtherContentIsRefused) {
  const uint64_t id = StartConversation("a");
  ASSERT_THAT(Reply(id, "hi", "request_id: 'r1'"), IsOk());
  const auto reused = Reply(id, "ho", "request_id: 'r1'");
  EXPECT_THAT(reused, FailsAs("REQUEST_ID_REUSED"));
  EXPECT_THAT(reused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(RefusedField(reused.status()), "request_id");
  EXPECT_THAT(Parts(id), SizeIs(2));
}

TEST_F(RequestIdsTest, AnotherMethodOrAppHasItsOwn) {
  const uint64_t id = StartConversation("a");
  ASSERT_THAT(Reply(id, "hi", "request_id: 'r1'"), IsOk());
  v1::CloseConversationRequest close;
  close.set_conversation_id(id);
  close.set_request_id("r1");
  EXPECT_TRUE(Ask<v1::CloseConversationResponse>(close)->has_id());
  v1::StartConversationRequest start;
  start.set_user_id("v");
  start.set_by_user_id(true);
  start.set_body("x");
  start.set_request_id("r1");
  ASSERT_OK_AND_ASSIGN(const auto here,
                       Ask<v1::StartConversationResponse>(start));
  ASSERT_OK_AND_ASSIGN(const auto there,
                       Ask<v1::StartConversationResponse>(start, kOtherApp));
  EXPECT_NE(here.id(), there.id());
}

TEST_F(RequestIdsTest, FailureIsNotRemembered) {
  const uint64_t id = StartConversation("a");
  EXPECT_THAT(Reply(id, "", "request_id: 'r1'"), RefusesField("body"));
  EXPECT_THAT(Reply(id, "hi", "request_id: 'r1'"), IsOk());
}

TEST_F(RequestIdsTest, TooLongIsRefused) {
  const uint64_t id = StartConversation("a");
  EXPECT_THAT(Reply(id, "hi",
                    absl::StrCat("request_id: '", std::string(129, 'x'), "'")),
              RefusesField("request_id"));
  EXPECT_THAT(Reply(id, "hi",
                    absl::StrCat("request_id: '", std::string(128, 'x'), "'")),
              IsOk());
}

// Two services that act on the same event, or one that retries too early.
TEST_F(RequestIdsTest, ConcurrentCallsMakeOnePart) {
  const uint64_t id = StartConversation("a");
  constexpr int kThreads = 8;
  constexpr int kRounds = 20;
  std::vector<std::vector<uint64_t>> parts(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < kRounds; ++round) {
        const auto reply =
            Reply(id, "hi", absl::StrCat("request_id: 'r", round, "'"));
        parts[t].push_back(reply.ok() ? reply->part().id() : 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  for (const auto& seen : parts) EXPECT_EQ(seen, parts[0]);
  EXPECT_EQ(std::set<uint64_t>(parts[0].begin(), parts[0].end()).size(),
            size_t{kRounds});
  EXPECT_EQ(Conversation(id).parts_count(), 1 + kRounds);
  EXPECT_THAT(Events(), SizeIs(1 + kRounds));
}

TEST_F(RequestIdsTest, ConcurrentCallsOfAllKindsKeepTheCounts) {
  const uint64_t id = StartConversation("a");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 15; ++i) {
        EXPECT_THAT(Reply(id, "x", t % 2 == 0 ? "from_user: 'true'" : ""),
                    IsOk());
        Conversation(id);
        List("include_not_assigned: true");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Conversation(id).parts_count(), 61);
  EXPECT_THAT(Events(), SizeIs(61));
}

}  // namespace
}  // namespace chatgate
