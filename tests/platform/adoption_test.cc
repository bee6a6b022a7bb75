#include "absl/strings/str_cat.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The body of the vendor's own page, as the receiver decodes it.
constexpr char kSeedPart[] = R"pb(
  id: 78183798
  conversation: 64558819
  created: 1492604036
  body: "ewfwfwef"
  type: "reply_user"
  sent_via: "web_user"
  direction: "u2a"
  random_id: 132466821
  sender { user_id: 85648207 }
  assignee { id: 111 name: "inkov" type: "admin" }
  conversation_closed: false
)pb";

class AdoptionTest : public PlatformTest {};

TEST_F(AdoptionTest, CreatesLeadConversationAndPart) {
  ASSERT_THAT(Webhook(kSeedPart), IsOk());

  const v1::Conversation conversation = Conversation(64558819);
  EXPECT_EQ(conversation.user().id(), 85648207);
  EXPECT_EQ(conversation.created(), 1492604036);
  EXPECT_EQ(conversation.assignee().name(), "inkov");
  EXPECT_EQ(conversation.parts_count(), 1);
  EXPECT_EQ(conversation.admin_unread_count(), 1);
  EXPECT_TRUE(conversation.replied());
  EXPECT_EQ(conversation.part_last().id(), 78183798);
  EXPECT_EQ(conversation.part_last().body(), "ewfwfwef");
  EXPECT_EQ(conversation.part_last().random_id(), 132466821);
  EXPECT_EQ(User(85648207).id(), 85648207);
}

TEST_F(AdoptionTest, AppendsNoSecondEvent) {
  ASSERT_THAT(Webhook(kSeedPart), IsOk());
  EXPECT_THAT(Events(), SizeIs(1));
  EXPECT_EQ(LastEvent().source(), v1::EVENT_SOURCE_DASHLY);
}

TEST_F(AdoptionTest, AnswerHasSomewhereToGo) {
  ASSERT_THAT(Webhook(kSeedPart), IsOk());
  EXPECT_THAT(Reply(64558819, "Hey, great!"), IsOk());
  const v1::Event event = LastEvent();
  EXPECT_EQ(event.source(), v1::EVENT_SOURCE_EMBEDDED);
  EXPECT_EQ(event.conversation(), "dashly:64558819");
  EXPECT_EQ(event.dashly_conversation().conversation().direction(), "a2u");
  EXPECT_EQ(event.dashly_conversation().conversation().user(), 85648207);
}

TEST_F(AdoptionTest, ToldTwiceIsOnce) {
  ASSERT_THAT(Webhook(kSeedPart), IsOk());
  ASSERT_THAT(Webhook(kSeedPart), IsOk());
  EXPECT_THAT(Parts(64558819), SizeIs(1));
  EXPECT_EQ(Conversation(64558819).parts_count(), 1);
}

TEST_F(AdoptionTest, EditedPartReplacesTheText) {
  ASSERT_THAT(Webhook(kSeedPart), IsOk());
  ASSERT_THAT(Webhook(R"pb(
                id: 78183798
                conversation: 64558819
                body: "new"
                edited: "1"
                type: "reply_user"
                direction: "u2a"
                sender { user_id: 85648207 }
              )pb"),
              IsOk());
  const auto parts = Parts(64558819);
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_EQ(parts[0].body(), "new");
  EXPECT_EQ(parts[0].edited(), "1");
  EXPECT_TRUE(parts[0].first());
}

TEST_F(AdoptionTest, LeadOfAnOperatorsPartIsUser) {
  ASSERT_THAT(Webhook(R"pb(
                id: 5
                conversation: 6
                created: 1
                body: "hi"
                type: "reply_admin"
                direction: "a2u"
                user: 77
                sender { admin { id: 111 name: "inkov" } }
              )pb"),
              IsOk());
  const v1::Conversation conversation = Conversation(6);
  EXPECT_EQ(conversation.user().id(), 77);
  EXPECT_EQ(conversation.unread_parts_count(), 1);
  EXPECT_EQ(conversation.last_admin().name(), "inkov");
}

TEST_F(AdoptionTest, ConversationWithoutLeadGetsOneLater) {
  ASSERT_THAT(
      Webhook("id: 5 conversation: 6 type: 'reply_admin' direction: 'a2u'"),
      IsOk());
  EXPECT_FALSE(Conversation(6).has_user());
  EXPECT_THAT(Reply(6, "me", "from_user: 'true'"), RefusesField("from_user"));
  ASSERT_THAT(Webhook("id: 7 conversation: 6 type: 'reply_user'"
                      " direction: 'u2a' sender { user_id: 8 }"),
              IsOk());
  EXPECT_EQ(Conversation(6).user().id(), 8);
}

TEST_F(AdoptionTest, KnownLeadStays) {
  ASSERT_THAT(Webhook(kSeedPart), IsOk());
  ASSERT_THAT(
      Webhook("id: 5 conversation: 64558819 type: 'note' direction: 'a2u'"),
      IsOk());
  EXPECT_EQ(Conversation(64558819).user().id(), 85648207);
}

TEST_F(AdoptionTest, TakesOverTagsClosedAndAssignee) {
  ASSERT_THAT(Webhook(kSeedPart), IsOk());
  ASSERT_THAT(Webhook(R"pb(
                id: 2
                conversation: 64558819
                created: 1492604037
                type: "closed"
                direction: "a2u"
                conversation_closed: true
                conversation_tags: "vip"
                conversation_tags: "late"
                assignee { id: 333 name: "Elsewhere" }
              )pb"),
              IsOk());
  const v1::Conversation conversation = Conversation(64558819);
  EXPECT_TRUE(conversation.closed());
  EXPECT_THAT(conversation.tags(), ElementsAre("vip", "late"));
  EXPECT_EQ(conversation.assignee().name(), "Elsewhere");
  EXPECT_THAT(List("tags: 'late'"), ElementsAre(64558819));
  EXPECT_THAT(List("assigned: 333 closed: true"), ElementsAre(64558819));
}

// Webhooks are repeated after some time: an old one must not undo a newer one.
TEST_F(AdoptionTest, OvertakenWebhookAddsItsPartAlone) {
  ASSERT_THAT(Webhook("id: 2 conversation: 6 created: 20 type: 'closed'"
                      " direction: 'a2u' conversation_closed: true"),
              IsOk());
  ASSERT_THAT(Webhook("id: 1 conversation: 6 created: 10 type: 'note'"
                      " direction: 'a2u' conversation_closed: false"),
              IsOk());
  EXPECT_TRUE(Conversation(6).closed());
  EXPECT_THAT(Parts(6), SizeIs(2));
}

// The sender repeats what was not answered, so an older part may come last.
TEST_F(AdoptionTest, OvertakenPartOfTheLeadDoesNotReopen) {
  ASSERT_THAT(Webhook(R"pb(id: 2
                           conversation: 9
                           created: 200
                           body: "bye"
                           type: "reply_admin"
                           direction: "a2u"
                           user: 7
                           conversation_closed: true)pb"),
              IsOk());
  ASSERT_THAT(Webhook(R"pb(id: 1
                           conversation: 9
                           created: 100
                           body: "hello"
                           type: "reply_user"
                           direction: "u2a"
                           sender { user_id: 7 })pb"),
              IsOk());
  EXPECT_TRUE(Conversation(9).closed());
  EXPECT_EQ(Conversation(9).admin_unread_count(), 0);
  EXPECT_EQ(Conversation(9).parts_count(), 2);
}

TEST_F(AdoptionTest, TagThatIsToldTwiceIsOneTag) {
  ASSERT_THAT(Webhook(R"pb(id: 1
                           conversation: 9
                           created: 100
                           type: "reply_user"
                           direction: "u2a"
                           sender { user_id: 7 }
                           conversation_tags: "vip"
                           conversation_tags: "vip")pb"),
              IsOk());
  EXPECT_THAT(Conversation(9).tags(), ElementsAre("vip"));
}

TEST_F(AdoptionTest, LargestIdsSurvive) {
  ASSERT_THAT(Webhook(R"pb(
                id: 18446744073709551615
                conversation: 18446744073709551614
                type: "reply_user"
                direction: "u2a"
                sender { user_id: 18446744073709551613 }
              )pb"),
              IsOk());
  const v1::Conversation conversation = Conversation(18446744073709551614u);
  EXPECT_EQ(conversation.part_last().id(), 18446744073709551615u);
  EXPECT_EQ(conversation.user().id(), 18446744073709551613u);
  // The embedded platform's own ids stay exact in JavaScript.
  EXPECT_LT(StartConversation("hello"), uint64_t{1} << 53);
}

TEST_F(AdoptionTest, NewIdsPassAdoptedOnesOver) {
  const uint64_t first = StartConversation("hello");
  for (uint64_t id = first + 1; id <= first + 12; ++id) {
    ASSERT_THAT(Webhook(absl::StrCat("id: ", id, " conversation: ", id,
                                     " direction: 'u2a' type: 'reply_user'"
                                     " sender { user_id: ",
                                     id, " }")),
                IsOk());
  }
  const uint64_t id = StartConversation("hello", "another");
  EXPECT_GT(id, first + 12);
  EXPECT_THAT(Parts(id), SizeIs(1));
}

// Ids as small as people type them must not meet the platform's own.
TEST_F(AdoptionTest, SmallIdsNeverCollideWithTheEmbeddedOnes) {
  ASSERT_THAT(Reply(StartConversation("hello"), "hi"), IsOk());
  for (int id = 1; id <= 10; ++id) {
    ASSERT_THAT(Webhook(absl::StrCat("id: ", id, " conversation: 3",
                                     " direction: 'u2a' type: 'reply_user'"
                                     " sender { user_id: 1 }")),
                IsOk());
  }
  EXPECT_THAT(Parts(3), SizeIs(10));
}

TEST_F(AdoptionTest, PartWithoutIdsIsAnEventAlone) {
  ASSERT_THAT(Webhook("body: 'strange'"), IsOk());
  EXPECT_THAT(Events(), SizeIs(1));
  EXPECT_THAT(List("include_not_assigned: true"), IsEmpty());
}

TEST_F(AdoptionTest, AppThatIsNotEmbeddedAdoptsNothing) {
  ASSERT_THAT(Webhook(kSeedPart, 999), IsOk());
  EXPECT_THAT(Events(), SizeIs(1));
  EXPECT_THAT(List("include_not_assigned: true"), IsEmpty());
}

TEST_F(AdoptionTest, SurvivesARestart) {
  ASSERT_THAT(Webhook(kSeedPart), IsOk());
  Reopen();
  ASSERT_THAT(Webhook(kSeedPart), IsOk());
  EXPECT_THAT(Parts(64558819), SizeIs(1));
}

}  // namespace
}  // namespace chatgate
