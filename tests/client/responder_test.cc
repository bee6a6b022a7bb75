#include "client/responder/responder.h"

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client/file.h"
#include "client/responder/answer_id.h"
#include "client/testing/fake_chat_service.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_waiter.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

v1::RuleFile Greeting(int actions = 1) {
  v1::RuleFile file;
  file.set_bot_name("Robo");
  v1::Rule& rule = *file.add_rules();
  rule.set_id("greeting");
  rule.mutable_match()->add_phrases("Hello, how are you");
  for (int i = 0; i < actions; ++i) {
    rule.add_actions()->mutable_reply()->set_body(
        i == 0 ? "Hey, great!" : absl::StrCat("And ", i));
  }
  return file;
}

class ResponderTest : public ::testing::Test {
 protected:
  ~ResponderTest() override { Stop(); }

  void Start(const v1::RuleFile& file = Greeting()) {
    Begin(file);
    MutexLock lock(mu_);
    while (!ready_) changed_.Wait(mu_);
  }
  // Does not wait for the first response.
  void Begin(const v1::RuleFile& file = Greeting()) {
    auto rules = RuleSet::Compile(file);
    ASSERT_THAT(rules, IsOk());
    ResponderOptions options;
    options.cursor_file = cursor_file_;
    options.answers.clock = &clock_;
    options.answers.waiter = &waiter_;
    options.answers.in_flight_max = in_flight_max_;
    options.stream.waiter = &waiter_;
    responder_ =
        std::make_unique<Responder>(*client_, *std::move(rules), options);
    {
      MutexLock lock(mu_);
      ready_ = false;
    }
    runner_ = std::thread([this] {
      end_ = responder_->Run([this] {
        MutexLock lock(mu_);
        ready_ = true;
        changed_.SignalAll();
      });
      MutexLock lock(mu_);
      ready_ = true;  // Or will never be.
      changed_.SignalAll();
    });
  }
  void Stop() {
    if (responder_ == nullptr) return;
    responder_->Stop();
    Join();
  }
  // Waits for Run to end by itself.
  void Join() {
    runner_.join();
    counts_ = responder_->counts();
    responder_.reset();
  }
  v1::Event Message(absl::string_view text) {
    v1::Event event;
    event.set_app_id(777);
    event.set_conversation("dashly:5");
    event.mutable_received_time()->set_seconds(
        absl::ToUnixSeconds(clock_.Now()));
    v1::ConversationPart& part =
        *event.mutable_dashly_conversation()->mutable_conversation();
    part.set_id(++last_part_);
    part.set_conversation(5);
    part.set_direction("u2a");
    part.set_type("reply_user");
    part.set_body(std::string(text));
    part.mutable_sender()->set_user_id(9);
    return event;
  }
  v1::Event Hello() { return Message("hello, how are you?"); }
  static v1::ConversationPart& Part(v1::Event& event) {
    return *event.mutable_dashly_conversation()->mutable_conversation();
  }
  // Returns once everything published so far is done with: a message of another
  // conversation, sent last, has been answered.
  void Settle() {
    const uint64_t conversation = 1'000 + service_.replies().size();
    v1::Event last = Hello();
    Part(last).set_conversation(conversation);
    service_.Publish(last);
    size_t seen = service_.replies().size();
    while (seen == 0 ||
           service_.replies()[seen - 1].conversation_id() != conversation) {
      ASSERT_TRUE(service_.AwaitReplies(++seen));
    }
  }
  // Bodies of the answers, those of Settle left out.
  std::vector<std::string> Answers() {
    std::vector<std::string> bodies;
    for (const auto& reply : service_.replies()) {
      if (reply.conversation_id() == 5) bodies.push_back(reply.body());
    }
    return bodies;
  }
  std::set<std::string> AnswerIds() {
    std::set<std::string> ids;
    for (const auto& reply : service_.replies()) {
      if (reply.conversation_id() == 5) ids.insert(reply.request_id());
    }
    return ids;
  }

  // More than one would leave open what is answered first.
  int in_flight_max_ = 1;
  TempDir dir_;
  std::string cursor_file_ = dir_.File("cursor");
  FakeClock clock_;
  FakeWaiter waiter_;
  FakeChatService service_;
  std::unique_ptr<ChatClient> client_ =
      ChatClient::Over(service_.InProcess(), ClientOptions{.waiter = &waiter_});
  std::unique_ptr<Responder> responder_;
  std::thread runner_;
  absl::Status end_;
  AnswerCounts counts_;
  uint64_t last_part_ = 0;

  Mutex mu_;
  CondVar changed_;
  bool ready_ ABSL_GUARDED_BY(mu_) = false;
};

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
  EXPECT_NE(reply.random_id(), 0u);
}

TEST_F(ResponderTest, AsksForMessagesAlone) {
  Start();
  const v1::EventFilter filter = service_.subscribes()[0].filter();
  EXPECT_THAT(filter.kinds(), ElementsAre(v1::EVENT_KIND_DASHLY_CONVERSATION));
  EXPECT_THAT(filter.part_types(),
              ElementsAre("reply_user", "chat_bot_user", "reply_admin"));
}

TEST_F(ResponderTest, FirstStartBeginsWithWhatHappensNow) {
  service_.Publish(Hello());
  Start();
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
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

TEST_F(ResponderTest, RestartGoesOnWhereItWas) {
  Start();
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(1));
  Stop();
  service_.Publish(Hello());
  Start();
  ASSERT_TRUE(service_.AwaitReplies(2));
  Settle();
  EXPECT_THAT(AnswerIds(),
              UnorderedElementsAre(AnswerId(777, "event-1", "greeting", 0),
                                   AnswerId(777, "event-3", "greeting", 0)));
}

// A crash before the cursor was saved shows the message again: the answer is
// the same to the letter, so that the gateway gives it only once.
TEST_F(ResponderTest, AnswerIsTheSameAfterACrash) {
  Start();
  ASSERT_OK_AND_ASSIGN(const std::string before, ReadFile(cursor_file_));
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(1));
  Stop();
  ASSERT_THAT(ReplaceFile(cursor_file_, before), IsOk());
  Start();
  ASSERT_TRUE(service_.AwaitReplies(2));
  EXPECT_EQ(service_.replies()[0].SerializeAsString(),
            service_.replies()[1].SerializeAsString());
}

TEST_F(ResponderTest, AnswersInARowAreLimited) {
  Start(Greeting(5));
  service_.Publish(Hello());
  Settle();
  Stop();
  EXPECT_THAT(Answers(), ElementsAre("Hey, great!", "And 1", "And 2"));
  EXPECT_GE(counts_.guarded, 2);
}

TEST_F(ResponderTest, EachActionHasARequestIdOfItsOwn) {
  Start(Greeting(3));
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(3));
  EXPECT_THAT(AnswerIds(), SizeIs(3));
}

TEST_F(ResponderTest, OldEventsAreNeverAnswered) {
  Start();
  v1::Event just_old = Hello();
  just_old.mutable_received_time()->set_seconds(
      absl::ToUnixSeconds(clock_.Now() - absl::Hours(12)) - 1);
  service_.Publish(just_old);
  v1::Event almost_old = Hello();
  almost_old.set_id("almost");
  almost_old.mutable_received_time()->set_seconds(
      absl::ToUnixSeconds(clock_.Now() - absl::Hours(12)));
  service_.Publish(almost_old);
  Settle();
  Stop();
  EXPECT_THAT(AnswerIds(), ElementsAre(AnswerId(777, "almost", "greeting", 0)));
  EXPECT_EQ(counts_.too_old, 1);
}

TEST_F(ResponderTest, AnswerIsTriedUntilTheGatewayTakesIt) {
  service_.FailNext("ReplyToConversation", absl::ResourceExhaustedError("x"),
                    20);
  Start();
  service_.Publish(Hello());
  ASSERT_TRUE(service_.AwaitReplies(1));
  EXPECT_THAT(service_.request_ids("ReplyToConversation"),
              Each(AnswerId(777, "event-1", "greeting", 0)));
  EXPECT_EQ(service_.calls("ReplyToConversation"), 21);
}

TEST_F(ResponderTest, RefusedAnswerIsPassedBy) {
  service_.FailNext("ReplyToConversation", absl::NotFoundError("gone"));
  Start();
  service_.Publish(Hello());
  Settle();
  Stop();
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(counts_.refused, 1);
  EXPECT_EQ(counts_.answered, 1);  // Settle's.
}

TEST_F(ResponderTest, ErrorOfUnknownCauseIsTriedFiveTimes) {
  service_.FailNext("ReplyToConversation", absl::InternalError("bug"), 5);
  Start();
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(service_.calls("ReplyToConversation"), 6);
}

TEST_F(ResponderTest, AnswerGivenBeforeWithOtherWordsIsNotGivenAgain) {
  service_.FailNext(
      "ReplyToConversation",
      WithReason(absl::InvalidArgumentError("used"), "REQUEST_ID_REUSED"));
  Start();
  service_.Publish(Hello());
  Settle();
  Stop();
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(counts_.repeated, 1);
}

TEST_F(ResponderTest, StopEndsAnAnswerThatWaits) {
  waiter_.HoldBackoffs();
  // However often a wait is over before Stop comes.
  service_.FailNext("ReplyToConversation", absl::ResourceExhaustedError("x"),
                    1'000'000);
  Start();
  ASSERT_OK_AND_ASSIGN(const std::string before, ReadFile(cursor_file_));
  service_.Publish(Hello());
  waiter_.AwaitBackoff();
  Stop();
  EXPECT_THAT(end_, IsOk());
  // Not answered, so not passed by.
  EXPECT_THAT(ReadFile(cursor_file_), IsOkAndHolds(before));
}

TEST_F(ResponderTest, WrongTokenEndsIt) {
  service_.RequireToken("secret");
  Start();
  Join();
  EXPECT_THAT(end_, StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(ResponderTest, LostTokenEndsItWithoutPassingTheMessageBy) {
  Start();
  ASSERT_OK_AND_ASSIGN(const std::string before, ReadFile(cursor_file_));
  service_.FailNext("ReplyToConversation", absl::UnauthenticatedError("gone"));
  service_.Publish(Hello());
  Join();
  EXPECT_THAT(end_, StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(ReadFile(cursor_file_), IsOkAndHolds(before));
}

TEST_F(ResponderTest, CursorFileWithSomethingElseIsAnError) {
  dir_.Write("cursor", "two words");
  Start();
  Join();
  EXPECT_THAT(end_, StatusIs(absl::StatusCode::kDataLoss));
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

TEST_F(ResponderTest, GapIsSurvived) {
  Start();
  Stop();
  for (int i = 0; i < 3; ++i) service_.Publish(Message("lost"));
  service_.Forget(3);
  Start();
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

// An operator's answer in conversation 5.
v1::Event HumanAnswer(v1::Event event) {
  v1::ConversationPart& part =
      *event.mutable_dashly_conversation()->mutable_conversation();
  part.set_direction("a2u");
  part.set_type("reply_admin");
  part.mutable_sender()->mutable_admin()->set_id(111);
  part.mutable_sender()->mutable_admin()->set_type("admin");
  return event;
}

TEST_F(ResponderTest, SilentWhileAnOperatorAnswers) {
  Start();
  service_.Publish(HumanAnswer(Message("I am here")));
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
  clock_.AdvanceTime(absl::Minutes(10));
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

TEST_F(ResponderTest, BotIsNoOperator) {
  Start();
  v1::Event bot = HumanAnswer(Message("beep"));
  Part(bot).mutable_sender()->mutable_admin()->set_type("bot");
  service_.Publish(bot);
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

// A restart must not talk into what an operator said just before.
TEST_F(ResponderTest, RestartRemembersTheOperator) {
  Start();
  service_.Publish(HumanAnswer(Message("I am here")));
  Settle();
  Stop();
  service_.Publish(Hello());
  Start();
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
}

TEST_F(ResponderTest, RestartRemembersLimitsOfRules) {
  v1::RuleFile file = Greeting();
  file.mutable_rules(0)->set_per_conversation_max(2);
  Start(file);
  for (int i = 0; i < 2; ++i) service_.Publish(Hello());
  Settle();
  Stop();
  service_.Publish(Hello());
  Start(file);
  Settle();
  EXPECT_THAT(Answers(), SizeIs(2));
}

TEST_F(ResponderTest, GatewayThatListsNoEventsIsNoObstacle) {
  Start();
  Stop();
  service_.FailNext("ListEvents", absl::UnimplementedError("no"));
  Start();
  service_.Publish(Hello());
  Settle();
  EXPECT_THAT(Answers(), SizeIs(1));
}

TEST_F(ResponderTest, GatewayThatIsNotThereYetCostsNoGuard) {
  Start();
  service_.Publish(HumanAnswer(Message("I am here")));
  Settle();
  Stop();
  service_.Publish(Hello());
  service_.FailNext("ListEvents", absl::UnavailableError("starting"), 20);
  Start();
  Settle();
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_GE(waiter_.backoffs().size(), 20u);
}

TEST_F(ResponderTest, StopEndsTheWaitForAGatewayThatIsNotThere) {
  Start();
  Stop();
  waiter_.HoldBackoffs();
  service_.FailNext("ListEvents", absl::UnavailableError("starting"),
                    1'000'000);
  Begin();
  waiter_.AwaitBackoff();
  Stop();
  EXPECT_THAT(end_, IsOk());
}

// After a pause the question and the operator's answer come at once.
TEST_F(ResponderTest, WhatAnOperatorAnsweredMeanwhileIsNotAnswered) {
  cursor_file_ = dir_.Write("begin", "fake:0");
  service_.Publish(Hello());
  v1::Event other = Hello();
  Part(other).set_conversation(6);
  service_.Publish(other);
  clock_.AdvanceTime(absl::Hours(1));
  service_.Publish(HumanAnswer(Message("I am here")));
  clock_.AdvanceTime(absl::Hours(1));
  v1::Event later = Hello();
  later.set_id("later");
  service_.Publish(later);
  Start();
  Settle();
  Stop();
  EXPECT_THAT(AnswerIds(), ElementsAre(AnswerId(777, "later", "greeting", 0)));
  EXPECT_EQ(counts_.guarded, 1);
  EXPECT_EQ(counts_.answered, 3);  // Conversation 6 and Settle's too.
}

TEST_F(ResponderTest, RulesThatAreNeverSilentAnswerBesideAnOperator) {
  v1::RuleFile file = Greeting();
  file.mutable_human_silence()->set_seconds(0);
  cursor_file_ = dir_.Write("begin", "fake:0");
  service_.Publish(Hello());
  service_.Publish(HumanAnswer(Message("I am here")));
  Start(file);
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
  in_flight_max_ = 2;
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
  in_flight_max_ = 8;
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

TEST_F(ResponderTest, GapIsCounted) {
  Start();
  Stop();
  for (int i = 0; i < 3; ++i) service_.Publish(Message("lost"));
  service_.Forget(3);
  Start();
  Settle();
  EXPECT_EQ(responder_->metrics().events_missed(), 3u);
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
