// What the responder answers, and how.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/responder/answer_id.h"
#include "gmock/gmock.h"
#include "tests/client/responder_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(ResponderTest, AnswersTheSeedsQuestion) {
  Start();
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(1));
  const v1::ReplyToConversationRequest reply = service_.replies()[0];
  EXPECT_EQ(reply.body(), "Hey, great!");
  EXPECT_EQ(reply.app_id(), 777u);
  EXPECT_EQ(reply.conversation_id(), 5u);
  EXPECT_EQ(reply.bot_name(), "Robo");
  EXPECT_EQ(reply.request_id(), AnswerId(777, "event-1", "greeting", 0));
  // The gateway makes one for each call, and knows the part by it.
  EXPECT_EQ(reply.random_id(), 0u);
}

TEST_F(ResponderTest, AsksForMessagesAlone) {
  Start();
  const v1::EventFilter filter = service_.subscribes()[0].filter();
  EXPECT_THAT(filter.kinds(), ElementsAre(v1::EVENT_KIND_DASHLY_CONVERSATION));
  EXPECT_THAT(filter.part_types(),
              ElementsAre("reply_user", "chat_bot_user", "reply_admin"));
}

TEST_F(ResponderTest, MessageThatNoRuleMatchesStaysUnanswered) {
  Start();
  service_.Publish(Message("good bye"));
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
}

// Even where the gateway's filter let everything through.
TEST_F(ResponderTest, NeverAnswersWhatIsNotALeadsMessage) {
  service_.IgnoreFilters();
  Start();
  v1::Event event = Hello();
  Part(event).set_direction("a2u");
  service_.Publish(event);
  event = Hello();
  Part(event).set_type("note");
  service_.Publish(event);
  event = Hello();
  Part(event).mutable_sender()->mutable_admin()->set_name("inkov");
  service_.Publish(event);
  event = Hello();
  Part(event).set_conversation(0);
  service_.Publish(event);
  event = Hello();
  event.mutable_unrecognized()->set_hook("dashly");
  service_.Publish(event);
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
}

// A rule that matches its own answer, and a gateway that calls it a lead's.
TEST_F(ResponderTest, NeverAnswersItself) {
  service_.IgnoreFilters();
  v1::RuleFile file = Greeting();
  file.mutable_rules(0)->mutable_actions(0)->mutable_reply()->set_body(
      "Hello, how are you yourself?");
  v1::ReplyToConversationResponse response;
  response.mutable_part()->set_id(424'242);
  service_.Answer("ReplyToConversation", response);
  Start(file);
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(1));
  v1::Event echo = Message("Hello, how are you yourself?");
  Part(echo).set_id(424'242);
  service_.Publish(echo);
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

TEST_F(ResponderTest, EachActionHasARequestIdOfItsOwn) {
  Start(Greeting(3));
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(3));
  EXPECT_THAT(AnswerIds(), SizeIs(3));
}

TEST_F(ResponderTest, OnlyTheBeginningOfALongMessageIsSearched) {
  Start();
  const std::string filler(64 << 10, 'x');
  service_.Publish(Message(filler + "hello, how are you"));
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
  service_.Publish(Message("hello, how are you" + filler));
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

TEST_F(ResponderTest, DoesAllActionsInTheirOrder) {
  v1::RuleFile file = Greeting();
  v1::Rule& rule = *file.mutable_rules(0);
  rule.add_actions()->mutable_note()->set_body("said {event.text}");
  rule.add_actions()->mutable_tag()->set_name("greeted");
  rule.mutable_actions(2)->mutable_tag()->set_remove(true);
  rule.add_actions()->mutable_assign()->set_admin(111);
  rule.add_actions()->mutable_close();
  std::vector<std::string> calls;
  Mutex mu;
  service_.OnCall([&](absl::string_view rpc) {
    MutexLock lock(mu);
    calls.emplace_back(rpc);
  });
  Start(file);
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(2));
  Stop();
  EXPECT_EQ(service_.replies()[1].type(), "note");
  EXPECT_EQ(service_.replies()[1].body(), "said hello, how are you?");
  MutexLock lock(mu);
  // Stop may have come before the last of them.
  const std::vector<std::string> all = {
      "ReplyToConversation", "ReplyToConversation", "TagConversation",
      "AssignConversation", "CloseConversation"};
  ASSERT_LE(calls.size(), all.size());
  EXPECT_EQ(calls,
            std::vector<std::string>(all.begin(), all.begin() + calls.size()));
}

// Two conversations: neither answer is given before both were asked for.
TEST_F(ResponderTest, ConversationsAreAnsweredAtOnce) {
  queue_.in_flight_max = 2;
  Mutex mu;
  CondVar changed;
  int waiting = 0;
  service_.OnCall([&](absl::string_view rpc) {
    if (rpc != "ReplyToConversation") return;
    MutexLock lock(mu);
    ++waiting;
    changed.SignalAll();
    while (waiting < 2) changed.Wait(mu);
  });
  cursor_file_ = dir_.Write("begin", "fake:0");
  service_.Publish(Hello());
  v1::Event other = Hello();
  Part(other).set_conversation(6);
  service_.Publish(other);
  Start();
  EXPECT_TRUE(service_.AwaitReplies(2));
}

TEST_F(ResponderTest, AnswersOfAConversationKeepTheirOrder) {
  queue_.in_flight_max = 8;
  v1::RuleFile file = Greeting();
  file.mutable_rules(0)->mutable_actions(0)->mutable_reply()->set_body(
      "{event.text}");
  cursor_file_ = dir_.Write("begin", "fake:0");
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    v1::Event event = Message(absl::StrCat("Hello, how are you ", i));
    Part(event).set_conversation(i % 4 == 0 ? 5 : 100 + i);
    if (i % 4 == 0) expected.push_back(Part(event).body());
    service_.Publish(event);
  }
  Start(file);
  ASSERT_TRUE(service_.AwaitReplies(40));
  EXPECT_EQ(Answers(), expected);
}

TEST_F(ResponderTest, NewRulesAnswerWhatComesNext) {
  Start();
  service_.Publish(Hello());
  Settle();
  v1::RuleFile file = Greeting();
  file.mutable_rules(0)->mutable_actions(0)->mutable_reply()->set_body("New!");
  auto rules = RuleSet::Compile(file);
  ASSERT_THAT(rules, IsOk());
  responder_->SetRules(*std::move(rules));
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), ElementsAre("Hey, great!", "New!"));
}

TEST_F(ResponderTest, CountsByRuleAndVersion) {
  v1::RuleFile file = Greeting();
  file.set_version("v7");
  Start(file);
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(responder_->metrics().Text(),
              testing::HasSubstr("chatgate_responder_answers_total{rule="
                                 "\"greeting\",version=\"v7\",outcome="
                                 "\"answered\"} "));
}

TEST(AnswerIdTest, DependsOnEachOfItsParts) {
  const std::string id = AnswerId(777, "event", "rule", 0);
  EXPECT_EQ(id.size(), 64u);
  EXPECT_EQ(id, AnswerId(777, "event", "rule", 0));
  EXPECT_NE(id, AnswerId(778, "event", "rule", 0));
  EXPECT_NE(id, AnswerId(777, "event2", "rule", 0));
  EXPECT_NE(id, AnswerId(777, "event", "rule2", 0));
  EXPECT_NE(id, AnswerId(777, "event", "rule", 1));
  EXPECT_NE(AnswerId(1, "a:1:b", "c", 0), AnswerId(1, "a", "1:b:c", 0));
}

}  // namespace
}  // namespace chatgate
