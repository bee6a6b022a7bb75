#include "absl/strings/str_cat.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class ConversationListTest : public PlatformTest {
 protected:
  void Tag(uint64_t conversation, const std::string& tag) {
    v1::TagConversationRequest request;
    request.set_conversation_id(conversation);
    request.set_action("add");
    request.set_tag(tag);
    EXPECT_THAT(Ask<v1::TagConversationResponse>(request), IsOk());
  }
  void Close(uint64_t conversation) {
    v1::CloseConversationRequest request;
    request.set_conversation_id(conversation);
    EXPECT_THAT(Ask<v1::CloseConversationResponse>(request), IsOk());
  }
  // Every id, page after page.
  std::vector<uint64_t> ListAll(const std::string& arguments, int page_size) {
    auto request = FromText<v1::ListConversationsRequest>(arguments);
    request.set_page_size(page_size);
    std::vector<uint64_t> ids;
    do {
      const auto page = Ask<v1::ListConversationsResponse>(request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return ids;
      for (const auto& conversation : page->conversations())
        ids.push_back(conversation.id());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return ids;
  }
};

TEST_F(ConversationListTest, UnassignedOnesAreHiddenUnlessAskedFor) {
  const uint64_t free = StartConversation("a");
  const uint64_t held = StartConversation("b");
  Assign(held, 111);
  EXPECT_THAT(List(), ElementsAre(held));
  EXPECT_THAT(List("include_not_assigned: true"), ElementsAre(held, free));
}

TEST_F(ConversationListTest, AssignedSelectsOneAdminOrNobody) {
  const uint64_t free = StartConversation("a");
  const uint64_t held = StartConversation("b");
  const uint64_t other = StartConversation("c");
  Assign(held, 111);
  Assign(other, 222);
  EXPECT_THAT(List("assigned: 111"), ElementsAre(held));
  EXPECT_THAT(List("assigned: 111 include_not_assigned: true"),
              ElementsAre(held));
  EXPECT_THAT(List("assigned: 0 include_not_assigned: true"),
              ElementsAre(free));
  EXPECT_THAT(List("assigned: 0"), ElementsAre(other, held));
}

TEST_F(ConversationListTest, ClosedSelectsClosedOpenOrBoth) {
  const uint64_t open = StartConversation("a");
  const uint64_t closed = StartConversation("b");
  Close(closed);
  EXPECT_THAT(List("include_not_assigned: true closed: true"),
              ElementsAre(closed));
  EXPECT_THAT(List("include_not_assigned: true closed: false"),
              ElementsAre(open));
  EXPECT_THAT(List("include_not_assigned: true"), SizeIs(2));
  Assign(open, 111);
  EXPECT_THAT(List("closed: true"), IsEmpty());
  EXPECT_THAT(List("closed: false"), ElementsAre(open));
}

TEST_F(ConversationListTest, TagsMustAllBeThere) {
  const uint64_t one = StartConversation("a");
  const uint64_t both = StartConversation("b");
  Tag(one, "vip");
  Tag(both, "vip");
  Tag(both, "late");
  EXPECT_THAT(List("include_not_assigned: true tags: 'vip'"),
              ElementsAre(both, one));
  EXPECT_THAT(List("include_not_assigned: true tags: 'vip' tags: 'late'"),
              ElementsAre(both));
  EXPECT_THAT(List("include_not_assigned: true tags: 'none'"), IsEmpty());
  EXPECT_THAT(List("tags: 'vip'"), IsEmpty());
}

TEST_F(ConversationListTest, AWrongTagIsNamedByItsPlace) {
  const auto list = [this](const std::string& arguments) {
    return Ask<v1::ListConversationsResponse>(
        FromText<v1::ListConversationsRequest>(arguments));
  };
  EXPECT_THAT(
      list("tags: 'vip' tags: ''"),
      StatusIs(absl::StatusCode::kInvalidArgument, "tags[1]: is empty"));
  EXPECT_THAT(list(absl::StrCat("tags: '", std::string(256, 'x'), "'")),
              RefusesField("tags[0]"));
}

TEST_F(ConversationListTest, TagsFollowTheLastUpdate) {
  const uint64_t first = StartConversation("a");
  const uint64_t second = StartConversation("b");
  Tag(first, "vip");
  Tag(second, "vip");
  clock_.AdvanceTime(absl::Seconds(1));
  EXPECT_THAT(Reply(first, "up"), IsOk());
  EXPECT_THAT(List("include_not_assigned: true tags: 'vip'"),
              ElementsAre(first, second));
}

TEST_F(ConversationListTest, ChannelSelectsOneOrNone) {
  const uint64_t none = StartConversation("a");
  ASSERT_THAT(Webhook("id: 900 conversation: 901 type: 'reply_user'"
                      " direction: 'u2a' sender { user_id: 902 }"
                      " channel { id: 5 name: 'Site' }"),
              IsOk());
  EXPECT_THAT(List("include_not_assigned: true channel: 5"), ElementsAre(901));
  EXPECT_THAT(List("include_not_assigned: true channel: 0"), ElementsAre(none));
  ASSERT_OK_AND_ASSIGN(const auto channels, Ask<v1::ListChannelsResponse>(
                                                v1::ListChannelsRequest()));
  ASSERT_THAT(channels.channels(), SizeIs(1));
  EXPECT_EQ(channels.channels(0).name(), "Site");
  EXPECT_EQ(channels.channels(0).type(), "manual");
  EXPECT_EQ(channels.channels(0).not_assigned_count(), 1);
  EXPECT_EQ(channels.channels(0).not_read_count(), 1);
  EXPECT_THAT(channels.channels(0).operators(), SizeIs(2));
}

// All conversations begin in the same microsecond: a cursor of time alone would
// skip those that share it with the last row of a page.
TEST_F(ConversationListTest, PagesSkipNothingWithEqualTimes) {
  std::vector<uint64_t> ids;
  for (int i = 0; i < 7; ++i) {
    ids.insert(ids.begin(), StartConversation("x", absl::StrCat("v", i)));
    Tag(ids.front(), "t");
  }
  for (const int page_size : {1, 2, 3, 7, 50}) {
    EXPECT_EQ(ListAll("include_not_assigned: true", page_size), ids);
    EXPECT_EQ(ListAll("include_not_assigned: true closed: false", page_size),
              ids);
    EXPECT_EQ(ListAll("include_not_assigned: true tags: 't'", page_size), ids);
    EXPECT_EQ(ListAll("include_not_assigned: true assigned: 0", page_size),
              ids);
  }
}

TEST_F(ConversationListTest, FullLastPageHasNoNextToken) {
  StartConversation("a");
  StartConversation("b");
  const auto page =
      Ask<v1::ListConversationsResponse>(FromText<v1::ListConversationsRequest>(
          "include_not_assigned: true page_size: 2"));
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(page->conversations(), SizeIs(2));
  EXPECT_EQ(page->next_page_token(), "");
}

TEST_F(ConversationListTest, PageSizeIsClampedDefaultsAndIsNotNegative) {
  const uint64_t id = StartConversation("a");
  for (int i = 0; i < 60; ++i) ASSERT_THAT(Reply(id, "x"), IsOk());
  v1::ListConversationPartsRequest request;
  request.set_conversation_id(id);
  EXPECT_THAT(Ask<v1::ListConversationPartsResponse>(request)->parts(),
              SizeIs(20));
  request.set_page_size(1000);
  EXPECT_THAT(Ask<v1::ListConversationPartsResponse>(request)->parts(),
              SizeIs(50));
  request.set_page_size(-1);
  EXPECT_THAT(Ask<v1::ListConversationPartsResponse>(request),
              RefusesField("page_size"));
}

TEST_F(ConversationListTest, PartsComeNewestFirstOverAllPages) {
  const uint64_t id = StartConversation("0");
  for (int i = 1; i <= 4; ++i) ASSERT_THAT(Reply(id, absl::StrCat(i)), IsOk());
  v1::ListConversationPartsRequest request;
  request.set_conversation_id(id);
  request.set_page_size(2);
  std::vector<std::string> bodies;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page,
                         Ask<v1::ListConversationPartsResponse>(request));
    for (const auto& part : page.parts()) bodies.push_back(part.body());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(bodies, ElementsAre("4", "3", "2", "1", "0"));
}

TEST_F(ConversationListTest, LargePartsEndAPageEarly) {
  const std::string large(600 * 1024, 'x');
  for (int i = 1; i <= 3; ++i) {
    ASSERT_THAT(
        Webhook(absl::StrCat("id: ", i,
                             " conversation: 9 type: 'reply_user'"
                             " direction: 'u2a' sender { user_id: 8 } body: '",
                             large, "'")),
        IsOk());
  }
  v1::ListConversationPartsRequest request;
  request.set_conversation_id(9);
  ASSERT_OK_AND_ASSIGN(const auto page,
                       Ask<v1::ListConversationPartsResponse>(request));
  EXPECT_THAT(page.parts(), SizeIs(1));
  EXPECT_NE(page.next_page_token(), "");
  EXPECT_LT(Conversation(9).ByteSizeLong(), 200 * 1024);
}

TEST_F(ConversationListTest, TokenOfAnotherListOrNoneIsRefused) {
  const uint64_t id = StartConversation("a");
  ASSERT_THAT(Reply(id, "b"), IsOk());
  v1::ListConversationPartsRequest parts;
  parts.set_conversation_id(id);
  parts.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto page,
                       Ask<v1::ListConversationPartsResponse>(parts));
  v1::ListConversationsRequest request;
  request.set_page_token(page.next_page_token());
  EXPECT_THAT(Ask<v1::ListConversationsResponse>(request),
              RefusesField("page_token"));
  for (const char* token : {"0", "!!!", "AQE", "////"}) {
    request.set_page_token(token);
    EXPECT_THAT(Ask<v1::ListConversationsResponse>(request),
                RefusesField("page_token"));
  }
}

class FewRowsTest : public ConversationListTest {
 protected:
  FewRowsTest() {
    limits_.rows_examined_max = 3;
    Reopen();
  }
};

// A filter that matches little must not read the whole app for one page.
TEST_F(FewRowsTest, PageThatExaminedEnoughIsShortAndGoesOn) {
  const uint64_t closed = StartConversation("old");
  Assign(closed, 111);
  Close(closed);
  for (int i = 0; i < 6; ++i) Assign(StartConversation("x"), 111);
  ASSERT_OK_AND_ASSIGN(
      const auto page,
      Ask<v1::ListConversationsResponse>(
          FromText<v1::ListConversationsRequest>("closed: true")));
  EXPECT_THAT(page.conversations(), IsEmpty());
  EXPECT_NE(page.next_page_token(), "");
  EXPECT_THAT(ListAll("closed: true", 20), ElementsAre(closed));
}

TEST_F(ConversationListTest, UsersConversationsComeWithoutTheUser) {
  const uint64_t mine = StartConversation("a", "me");
  StartConversation("b", "other");
  const uint64_t second = StartConversation("c", "me");
  v1::ListUserConversationsRequest request;
  request.set_user_id(absl::StrCat(Conversation(mine).user().id()));
  request.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(auto page,
                       Ask<v1::ListUserConversationsResponse>(request));
  ASSERT_THAT(page.conversations(), SizeIs(1));
  EXPECT_EQ(page.conversations(0).id(), second);
  EXPECT_FALSE(page.conversations(0).has_user());
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, Ask<v1::ListUserConversationsResponse>(request));
  EXPECT_EQ(page.conversations(0).id(), mine);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(ConversationListTest, AppsSeeOnlyTheirOwn) {
  Assign(StartConversation("a"), 111);
  const auto page = Ask<v1::ListConversationsResponse>(
      FromText<v1::ListConversationsRequest>("include_not_assigned: true"),
      kOtherApp);
  ASSERT_THAT(page, IsOk());
  EXPECT_THAT(page->conversations(), IsEmpty());
}

TEST_F(ConversationListTest, MessageIsHiddenUntilTheLeadAnswers) {
  const uint64_t lead = Conversation(StartConversation("a")).user().id();
  v1::SendMessageRequest request;
  request.set_user_id(absl::StrCat(lead));
  request.set_body("sale!");
  request.set_type("popup_big");
  ASSERT_OK_AND_ASSIGN(const auto sent, Ask<v1::SendMessageResponse>(request));
  EXPECT_EQ(LastEvent().dashly_conversation().conversation().sent_via(),
            "message_manual");
  EXPECT_THAT(List("include_not_assigned: true"), SizeIs(1));
  v1::Conversation conversation = Conversation(sent.conversation());
  EXPECT_EQ(conversation.message(), sent.message());
  EXPECT_EQ(conversation.type(), "popup_big");
  EXPECT_FALSE(conversation.read());
  EXPECT_FALSE(conversation.replied());
  EXPECT_EQ(conversation.unread_parts_count(), 1);

  ASSERT_THAT(Reply(sent.conversation(), "how much?", "from_user: 'true'"),
              IsOk());
  EXPECT_THAT(List("include_not_assigned: true"), SizeIs(2));
  EXPECT_TRUE(Conversation(sent.conversation()).replied());
}

}  // namespace
}  // namespace chatgate
