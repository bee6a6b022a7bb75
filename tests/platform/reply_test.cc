#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class ReplyTest : public PlatformTest {};

TEST_F(ReplyTest, BotAnswersUnderItsName) {
  const uint64_t id = StartConversation("hello");
  ASSERT_OK_AND_ASSIGN(const auto reply,
                       Reply(id, "hi", "bot_name: 'Robo' random_id: 42"));

  EXPECT_EQ(reply.part().type(), "reply_admin");
  EXPECT_EQ(reply.part().direction(), "a2u");
  EXPECT_EQ(reply.part().sender().admin().type(), "bot");
  EXPECT_EQ(reply.part().sender().admin().name(), "Robo");
  EXPECT_EQ(reply.part().random_id(), 42);
  EXPECT_FALSE(reply.has_assign_part());
  EXPECT_EQ(Parts(id)[0].body(), "hi");
}

TEST_F(ReplyTest, BotWithoutNameIsBot) {
  ASSERT_OK_AND_ASSIGN(const auto reply, Reply(StartConversation("x"), "hi"));
  EXPECT_EQ(reply.part().sender().admin().name(), "Bot");
}

TEST_F(ReplyTest, AdminAnswersAsConfigured) {
  const uint64_t id = StartConversation("hello");
  ASSERT_OK_AND_ASSIGN(const auto reply, Reply(id, "hi", "from_admin: '111'"));
  EXPECT_EQ(reply.part().sender().admin().name(), "inkov");
  EXPECT_EQ(reply.part().sender().admin().type(), "admin");
  EXPECT_EQ(Conversation(id).last_admin().id(), 111);
}

TEST_F(ReplyTest, DefaultAdminHasNoId) {
  ASSERT_OK_AND_ASSIGN(const auto reply, Reply(StartConversation("x"), "hi",
                                               "from_admin: 'default_admin'"));
  EXPECT_EQ(reply.part().sender().admin().type(), "default_admin");
  EXPECT_EQ(reply.part().sender().admin().id(), 0);
}

TEST_F(ReplyTest, UnknownAdminIsRefusedByName) {
  const uint64_t id = StartConversation("hello");
  EXPECT_THAT(Reply(id, "hi", "from_admin: '999'"), RefusesField("from_admin"));
  EXPECT_THAT(Reply(id, "hi", "from_admin: 'inkov'"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "from_admin: must be an admin's id or "
                       "`default_admin`"));
  EXPECT_THAT(Reply(id, "hi", "auto_assign: 999"), RefusesField("auto_assign"));
  EXPECT_THAT(Parts(id), SizeIs(1));
}

TEST_F(ReplyTest, LeadAnswersByTrueDefaultUserOrId) {
  const uint64_t id = StartConversation("hello");
  const uint64_t lead = Conversation(id).user().id();
  for (const std::string& from :
       {std::string("true"), std::string("True"), std::string("default_user"),
        std::to_string(lead)}) {
    ASSERT_OK_AND_ASSIGN(const auto reply,
                         Reply(id, "me", "from_user: '" + from + "'"));
    EXPECT_EQ(reply.part().type(), "reply_user");
    EXPECT_EQ(reply.part().direction(), "u2a");
    EXPECT_EQ(reply.part().sender().user_id(), lead);
  }
}

TEST_F(ReplyTest, FalseFromUserIsTheBot) {
  ASSERT_OK_AND_ASSIGN(const auto reply, Reply(StartConversation("x"), "hi",
                                               "from_user: 'False'"));
  EXPECT_EQ(reply.part().type(), "reply_admin");
}

TEST_F(ReplyTest, AnotherLeadIsRefused) {
  const uint64_t id = StartConversation("hello");
  const uint64_t other = StartConversation("hello", "other");
  const uint64_t lead = Conversation(other).user().id();
  EXPECT_THAT(Reply(id, "me", "from_user: '" + std::to_string(lead) + "'"),
              RefusesField("from_user"));
  EXPECT_THAT(Reply(id, "me", "from_user: 'yes please'"),
              RefusesField("from_user"));
  EXPECT_THAT(Reply(id, "me", "from_user: 'true' from_admin: '111'"),
              RefusesField("from_user"));
}

TEST_F(ReplyTest, NoteIsUnreadByNobody) {
  const uint64_t id = StartConversation("hello");
  ASSERT_OK_AND_ASSIGN(const auto note, Reply(id, "psst", "type: 'note'"));
  EXPECT_EQ(note.part().type(), "note");
  const v1::Conversation conversation = Conversation(id);
  EXPECT_EQ(conversation.unread_parts_count(), 0);
  EXPECT_EQ(conversation.admin_unread_count(), 1);
  EXPECT_EQ(conversation.replies_count(), 1);
  EXPECT_EQ(conversation.parts_count(), 2);
  EXPECT_EQ(conversation.part_last().body(), "psst");
}

TEST_F(ReplyTest, UnknownTypeIsRefusedButNotWithFromUser) {
  const uint64_t id = StartConversation("hello");
  EXPECT_THAT(Reply(id, "hi", "type: 'shout'"), RefusesField("type"));
  EXPECT_THAT(Reply(id, "hi", "type: 'shout' from_user: 'true'"), IsOk());
}

TEST_F(ReplyTest, AutoAssignMakesTwoPartsWithTheirOwnRandomIds) {
  const uint64_t id = StartConversation("hello");
  ASSERT_OK_AND_ASSIGN(
      const auto reply,
      Reply(id, "hi",
            "random_id: 1 auto_assign: 222 auto_assign_random_id: 2"));
  EXPECT_EQ(reply.assign_part().type(), "assigned");
  EXPECT_EQ(reply.assign_part().assignee().name(), "Helen");
  EXPECT_EQ(reply.assign_part().random_id(), 2);
  EXPECT_EQ(reply.part().random_id(), 1);
  EXPECT_EQ(Conversation(id).assignee().id(), 222);

  const auto parts = Parts(id);
  ASSERT_THAT(parts, SizeIs(3));
  EXPECT_EQ(parts[0].id(), reply.part().id());
  EXPECT_EQ(parts[1].id(), reply.assign_part().id());
  EXPECT_THAT(Events(), SizeIs(3));
}

TEST_F(ReplyTest, AutoAssignToTheHolderMakesOnePart) {
  const uint64_t id = StartConversation("hello");
  Assign(id, 222);
  ASSERT_OK_AND_ASSIGN(const auto reply, Reply(id, "hi", "auto_assign: 222"));
  EXPECT_FALSE(reply.has_assign_part());
}

// In the platform's own sample the admin stands for themselves there.
TEST_F(ReplyTest, AutoAssignByTheLeadIsTheAdminsOwnAct) {
  const uint64_t id = StartConversation("hello");
  ASSERT_OK_AND_ASSIGN(const auto reply,
                       Reply(id, "hi", "auto_assign: 222 from_user: 'true'"));
  EXPECT_EQ(reply.assign_part().sender().admin().id(), 222);
  EXPECT_EQ(reply.part().type(), "reply_user");
}

TEST_F(ReplyTest, BodyIsRequiredAndLimited) {
  const uint64_t id = StartConversation("hello");
  EXPECT_THAT(Reply(id, ""), RefusesField("body"));
  EXPECT_THAT(Reply(id, "bad \xff"), RefusesField("body"));
  const auto longer = Reply(id, std::string(limits_.body_bytes_max + 1, 'x'));
  EXPECT_THAT(longer, FailsAs("ReplyTooBig"));
  EXPECT_EQ(RefusedField(longer.status()), "body");
  EXPECT_THAT(Parts(id), SizeIs(1));
  EXPECT_THAT(Reply(id, std::string(limits_.body_bytes_max, 'x')), IsOk());
}

TEST_F(ReplyTest, BothSidesCountWhatTheyHaveNotSeen) {
  const uint64_t id = StartConversation("one");
  EXPECT_THAT(Reply(id, "two", "from_user: 'true'"), IsOk());
  EXPECT_EQ(Conversation(id).admin_unread_count(), 2);

  EXPECT_THAT(Reply(id, "three"), IsOk());
  EXPECT_THAT(Reply(id, "four"), IsOk());
  const v1::Conversation conversation = Conversation(id);
  EXPECT_EQ(conversation.admin_unread_count(), 0);
  EXPECT_EQ(conversation.unread_parts_count(), 2);
  EXPECT_EQ(conversation.user_unread_count(), 2);
  EXPECT_EQ(conversation.not_answered_admin_replies(), 2);
  EXPECT_EQ(conversation.parts_count(), 4);
  EXPECT_EQ(conversation.reply_last().body(), "four");
  EXPECT_EQ(conversation.reply_last_type(), "reply_admin");
}

TEST_F(ReplyTest, MovesTheConversationUp) {
  const uint64_t id = StartConversation("one");
  clock_.AdvanceTime(absl::Seconds(7));
  EXPECT_THAT(Reply(id, "two"), IsOk());
  EXPECT_EQ(Conversation(id).last_update(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(Conversation(id).created(), absl::ToUnixSeconds(clock_.Now()) - 7);
}

TEST_F(ReplyTest, LeadReopensAClosedConversationAndAnOperatorDoesNot) {
  const uint64_t id = StartConversation("one");
  v1::CloseConversationRequest close;
  close.set_conversation_id(id);
  ASSERT_THAT(Ask<v1::CloseConversationResponse>(close), IsOk());
  EXPECT_THAT(Reply(id, "bye"), IsOk());
  EXPECT_TRUE(Conversation(id).closed());
  EXPECT_THAT(Reply(id, "wait", "from_user: 'true'"), IsOk());
  EXPECT_FALSE(Conversation(id).closed());
}

TEST_F(ReplyTest, EventCarriesThePartAndTheConversation) {
  const uint64_t id = StartConversation("hello");
  const uint64_t lead = Conversation(id).user().id();
  Assign(id, 111);
  EXPECT_THAT(Reply(id, "hi", "random_id: 9"), IsOk());

  const v1::Event event = LastEvent();
  EXPECT_EQ(event.source(), v1::EVENT_SOURCE_EMBEDDED);
  EXPECT_EQ(event.app_id(), kApp);
  EXPECT_EQ(event.conversation(), "dashly:" + std::to_string(id));
  EXPECT_EQ(event.occurred_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  const v1::ConversationPart& part = event.dashly_conversation().conversation();
  EXPECT_EQ(part.body(), "hi");
  EXPECT_EQ(part.direction(), "a2u");
  EXPECT_EQ(part.random_id(), 9);
  EXPECT_EQ(part.conversation(), id);
  EXPECT_EQ(part.user(), lead);
  EXPECT_EQ(part.assignee().id(), 111);
  EXPECT_FALSE(part.conversation_closed());
  EXPECT_TRUE(part.conversation_replied());
}

TEST_F(ReplyTest, FailedReplyLeavesNoPartAndNoEvent) {
  const uint64_t id = StartConversation("hello");
  EXPECT_THAT(Reply(id, "hi", "type: 'shout' auto_assign: 111"),
              RefusesField("type"));
  EXPECT_THAT(Reply(id, "", "auto_assign: 111"), RefusesField("body"));
  EXPECT_THAT(Parts(id), SizeIs(1));
  EXPECT_THAT(Events(), SizeIs(1));
  EXPECT_FALSE(Conversation(id).has_assignee());
}

TEST_F(ReplyTest, UnknownConversationIsALookupError) {
  EXPECT_THAT(Reply(987654321, "hi"), FailsAs("LookupError"));
  EXPECT_THAT(Reply(0, "hi"), RefusesField("conversation_id"));
}

TEST_F(ReplyTest, ConversationOfAnotherAppIsDenied) {
  const uint64_t id = StartConversation("hello");
  v1::ReplyToConversationRequest request;
  request.set_conversation_id(id);
  request.set_body("hi");
  EXPECT_THAT(Ask<v1::ReplyToConversationResponse>(request, kOtherApp),
              FailsAs("PermissionDeniedError"));
  EXPECT_THAT(Parts(id), SizeIs(1));
}

TEST_F(ReplyTest, EverythingSurvivesARestart) {
  const uint64_t id = StartConversation("hello");
  EXPECT_THAT(Reply(id, "hi"), IsOk());
  const std::string before = Conversation(id).DebugString();
  Reopen();
  EXPECT_EQ(Conversation(id).DebugString(), before);
  EXPECT_THAT(Events(), SizeIs(2));
  EXPECT_THAT(Reply(id, "again"), IsOk());
  EXPECT_THAT(Parts(id), SizeIs(3));
}

}  // namespace
}  // namespace chatgate
