#include "absl/strings/str_cat.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ConversationChangesTest : public PlatformTest {
 protected:
  absl::StatusOr<v1::TagConversationResponse> Tag(
      uint64_t conversation, const std::string& arguments) {
    auto request = FromText<v1::TagConversationRequest>(arguments);
    request.set_conversation_id(conversation);
    return Ask<v1::TagConversationResponse>(request);
  }
  absl::StatusOr<v1::AssignConversationResponse> AssignAs(
      uint64_t conversation, const std::string& arguments) {
    auto request = FromText<v1::AssignConversationRequest>(arguments);
    request.set_conversation_id(conversation);
    return Ask<v1::AssignConversationResponse>(request);
  }
  absl::StatusOr<v1::CloseConversationResponse> Close(
      uint64_t conversation, const std::string& arguments = "") {
    auto request = FromText<v1::CloseConversationRequest>(arguments);
    request.set_conversation_id(conversation);
    return Ask<v1::CloseConversationResponse>(request);
  }
  absl::Status Typing(uint64_t conversation, const std::string& arguments) {
    auto request = FromText<v1::SetTypingRequest>(arguments);
    request.set_conversation_id(conversation);
    return Ask<v1::SetTypingResponse>(request).status();
  }
  absl::Status MarkRead(uint64_t conversation) {
    v1::MarkConversationReadRequest request;
    request.set_conversation_id(conversation);
    return Ask<v1::MarkConversationReadResponse>(request).status();
  }
};

TEST_F(ConversationChangesTest, AssignMakesAPartAndAnEvent) {
  const uint64_t id = StartConversation("a");
  ASSERT_OK_AND_ASSIGN(
      const auto answer,
      AssignAs(id, "admin: 222 from_admin: '111' random_id: 3"));
  const auto part = Parts(id)[0];
  EXPECT_EQ(part.id(), answer.id());
  EXPECT_EQ(part.part_group(), answer.part_group());
  EXPECT_EQ(part.type(), "assigned");
  EXPECT_EQ(part.body(), "");
  EXPECT_EQ(part.assignee().id(), 222);
  EXPECT_EQ(part.sender().admin().id(), 111);
  EXPECT_EQ(part.random_id(), 3);
  const auto told = LastEvent().dashly_conversation().conversation();
  EXPECT_EQ(told.type(), "assigned");
  EXPECT_EQ(told.assignee().id(), 222);
}

TEST_F(ConversationChangesTest, AssignToTheHolderDoesNothing) {
  const uint64_t id = StartConversation("a");
  Assign(id, 222);
  ASSERT_OK_AND_ASSIGN(const auto answer, AssignAs(id, "admin: 222"));
  EXPECT_FALSE(answer.has_id());
  EXPECT_THAT(Events(), SizeIs(2));
}

TEST_F(ConversationChangesTest, AbsentAdminUnassigns) {
  const uint64_t id = StartConversation("a");
  EXPECT_FALSE(AssignAs(id, "")->has_id());
  Assign(id, 222);
  EXPECT_TRUE(AssignAs(id, "")->has_id());
  EXPECT_FALSE(Conversation(id).has_assignee());
  EXPECT_FALSE(LastEvent().dashly_conversation().conversation().has_assignee());
}

TEST_F(ConversationChangesTest, AssignRefusesStrangers) {
  const uint64_t id = StartConversation("a");
  EXPECT_THAT(AssignAs(id, "admin: 5"), RefusesField("admin"));
  EXPECT_THAT(AssignAs(id, "admin: 111 from_admin: '5'"),
              RefusesField("from_admin"));
  EXPECT_THAT(Events(), SizeIs(1));
}

TEST_F(ConversationChangesTest, TagsAreAddedAndDeletedOnce) {
  const uint64_t id = StartConversation("a");
  EXPECT_TRUE(Tag(id, "action: 'add' tag: 'vip'")->has_id());
  EXPECT_EQ(Parts(id)[0].type(), "tag_added");
  EXPECT_EQ(Parts(id)[0].body(), "vip");
  EXPECT_FALSE(Tag(id, "action: 'add' tag: 'vip'")->has_id());
  EXPECT_THAT(Conversation(id).tags(), ElementsAre("vip"));
  EXPECT_THAT(
      LastEvent().dashly_conversation().conversation().conversation_tags(),
      ElementsAre("vip"));
  EXPECT_TRUE(Tag(id, "action: 'delete' tag: 'vip'")->has_id());
  EXPECT_EQ(Parts(id)[0].type(), "tag_deleted");
  EXPECT_FALSE(Tag(id, "action: 'delete' tag: 'vip'")->has_id());
  EXPECT_THAT(Conversation(id).tags(), IsEmpty());
  EXPECT_THAT(Events(), SizeIs(3));
}

TEST_F(ConversationChangesTest, TagRefusesWhatIsNoTag) {
  const uint64_t id = StartConversation("a");
  EXPECT_THAT(Tag(id, "tag: 'x'"), RefusesField("action"));
  EXPECT_THAT(Tag(id, "tag: 'x' action: 'remove'"), RefusesField("action"));
  EXPECT_THAT(Tag(id, "action: 'add'"), RefusesField("tag"));
  EXPECT_THAT(Tag(id, "action: 'add' tag: 'a,b'"), RefusesField("tag"));
  EXPECT_THAT(
      Tag(id, absl::StrCat("action: 'add' tag: '", std::string(256, 'x'), "'")),
      RefusesField("tag"));
  EXPECT_THAT(Events(), SizeIs(1));
}

TEST_F(ConversationChangesTest, TagsAreLimitedButCharactersNotBytes) {
  const uint64_t id = StartConversation("a");
  std::string umlauts;
  for (int i = 0; i < 255; ++i) umlauts += "ü";
  EXPECT_THAT(Tag(id, absl::StrCat("action: 'add' tag: '", umlauts, "'")),
              IsOk());
  for (size_t i = 1; i < limits_.tags_max; ++i) {
    ASSERT_THAT(Tag(id, absl::StrCat("action: 'add' tag: '", i, "'")), IsOk());
  }
  EXPECT_THAT(Tag(id, "action: 'add' tag: 'more'"), RefusesField("tag"));
}

TEST_F(ConversationChangesTest, ClosesOnce) {
  const uint64_t id = StartConversation("a");
  ASSERT_OK_AND_ASSIGN(const auto answer, Close(id, "from_admin: '111'"));
  EXPECT_EQ(Parts(id)[0].id(), answer.id());
  EXPECT_EQ(Parts(id)[0].type(), "closed");
  EXPECT_TRUE(Conversation(id).closed());
  EXPECT_EQ(Conversation(id).admin_unread_count(), 0);
  EXPECT_TRUE(
      LastEvent().dashly_conversation().conversation().conversation_closed());
  EXPECT_FALSE(Close(id)->has_id());
  EXPECT_THAT(Events(), SizeIs(2));
}

TEST_F(ConversationChangesTest, MarkReadResetsTheLeadsCountAndTellsOnce) {
  const uint64_t id = StartConversation("a");
  ASSERT_THAT(Reply(id, "b"), IsOk());
  EXPECT_FALSE(Parts(id)[0].read());
  EXPECT_FALSE(Parts(id)[1].has_read());
  ASSERT_THAT(MarkRead(id), IsOk());
  EXPECT_EQ(Conversation(id).unread_parts_count(), 0);
  EXPECT_TRUE(Parts(id)[0].read());
  EXPECT_EQ(LastEvent().conversation_read().conversation(), id);
  EXPECT_EQ(LastEvent().conversation_read().user(),
            Conversation(id).user().id());
  ASSERT_THAT(MarkRead(id), IsOk());
  EXPECT_THAT(Events(), SizeIs(3));
  ASSERT_THAT(Reply(id, "c"), IsOk());
  EXPECT_FALSE(Parts(id)[0].read());
}

TEST_F(ConversationChangesTest, TypingIsAnEventAndNoPart) {
  const uint64_t id = StartConversation("a");
  ASSERT_THAT(Typing(id, "body: 'Hel' from_user: 'true'"), IsOk());
  EXPECT_EQ(LastEvent().conversation_typing().body(), "Hel");
  EXPECT_EQ(LastEvent().conversation_typing().sender().user_id(),
            Conversation(id).user().id());
  EXPECT_EQ(LastEvent().conversation(), absl::StrCat("dashly:", id));
  ASSERT_THAT(Typing(id, "bot_name: 'Robo'"), IsOk());
  EXPECT_EQ(LastEvent().conversation_typing().sender().admin().name(), "Robo");
  EXPECT_EQ(LastEvent().conversation_typing().user(),
            Conversation(id).user().id());
  EXPECT_THAT(Parts(id), SizeIs(1));
  EXPECT_THAT(Typing(id, "from_admin: '5'"), RefusesField("from_admin"));
}

TEST_F(ConversationChangesTest, EveryMethodRefusesUnknownConversations) {
  EXPECT_THAT(Tag(9, "action: 'add' tag: 'x'"), FailsAs("LookupError"));
  EXPECT_THAT(AssignAs(9, "admin: 111"), FailsAs("LookupError"));
  EXPECT_THAT(Close(9), FailsAs("LookupError"));
  EXPECT_THAT(Typing(9, ""), FailsAs("LookupError"));
  EXPECT_THAT(MarkRead(9), FailsAs("LookupError"));
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(ConversationChangesTest, StartConversationChecksItsArguments) {
  auto start = [this](const std::string& arguments) {
    return Ask<v1::StartConversationResponse>(
        FromText<v1::StartConversationRequest>(arguments));
  };
  EXPECT_THAT(start("user_id: 'x' by_user_id: true"), RefusesField("body"));
  EXPECT_THAT(start("body: 'x'"), RefusesField("user_id"));
  EXPECT_THAT(start("body: 'x' user_id: 'visitor'"), RefusesField("user_id"));
  EXPECT_THAT(start("body: 'x' user_id: '0'"), RefusesField("user_id"));
  EXPECT_THAT(start("body: 'x' user_id: '18446744073709551616'"),
              RefusesField("user_id"));
  EXPECT_THAT(start("body: 'x' user_id: '77'"), FailsAs("LookupError"));
  EXPECT_THAT(start(absl::StrCat("body: 'x' user_id: 'v' by_user_id: true"
                                 " referrer: '",
                                 std::string(2049, 'x'), "'")),
              RefusesField("referrer"));
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(ConversationChangesTest, StartConversationIsTheLeadsOwn) {
  const auto started =
      Ask<v1::StartConversationResponse>(FromText<v1::StartConversationRequest>(
          "user_id: 'v' by_user_id: true body: 'hi' random_id: 4294967295"
          " referrer: 'https://example.org/'"));
  ASSERT_THAT(started, IsOk());
  const v1::Conversation conversation = Conversation(started->id());
  EXPECT_EQ(conversation.user().user_id(), "v");
  EXPECT_TRUE(conversation.replied());
  EXPECT_TRUE(conversation.read());
  EXPECT_FALSE(conversation.has_message());
  EXPECT_EQ(conversation.type(), "popup_chat");
  EXPECT_EQ(conversation.reply_type(), "text");
  EXPECT_TRUE(conversation.part_last().first());
  EXPECT_EQ(conversation.part_last().random_id(), 4294967295u);
  EXPECT_EQ(conversation.part_last().direction(), "u2a");
}

}  // namespace
}  // namespace chatgate
