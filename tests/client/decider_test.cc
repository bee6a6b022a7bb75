#include "client/responder/decider.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "client/responder/answer_metrics.h"
#include "client/responder/rule_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kReply[] = "actions { reply { body: \"answer\" } }";

class DeciderTest : public ::testing::Test {
 protected:
  void Load(const std::string& text) {
    absl::StatusOr<RuleSet> rules = ParseRules("r.txt", text);
    ASSERT_THAT(rules, IsOk());
    rules_ = std::make_unique<RuleSet>(*std::move(rules));
  }
  v1::Event Message(absl::string_view text, uint64_t conversation = 5) {
    v1::Event event;
    event.set_id(absl::StrCat("event-", ++messages_));
    event.set_app_id(777);
    event.mutable_received_time()->set_seconds(absl::ToUnixSeconds(now_));
    v1::ConversationPart& part =
        *event.mutable_dashly_conversation()->mutable_conversation();
    part.set_id(messages_);
    part.set_conversation(conversation);
    part.set_direction("u2a");
    part.set_type("reply_user");
    part.set_body(std::string(text));
    part.mutable_sender()->set_user_id(9);
    return event;
  }
  static v1::ConversationPart& Part(v1::Event& event) {
    return *event.mutable_dashly_conversation()->mutable_conversation();
  }
  // The texts that the message would be answered with.
  std::vector<std::string> Bodies(const v1::Event& event) {
    std::vector<std::string> bodies;
    for (const Decision::Act& act : decider_.Decide(*rules_, event).acts) {
      bodies.push_back(act.body);
    }
    return bodies;
  }
  std::vector<std::string> Bodies(absl::string_view text) {
    return Bodies(Message(text));
  }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);  // Tue, 22:13:20.
  std::unique_ptr<RuleSet> rules_;
  Decider decider_{DeciderOptions()};
  uint64_t messages_ = 0;
};

TEST_F(DeciderTest, CapturesAreFilledIn) {
  Load(R"pb(rules {
              id: "a"
              match { patterns: "order (?P<number>\\d+)( urgent)?" }
              actions {
                reply { body: "{number} {1}{2|, calmly}, {event.lead}: {{x}}" }
              }
            })pb");
  EXPECT_THAT(Bodies("my Order 42 please"),
              ElementsAre("42 42, calmly, 9: {x}"));
  EXPECT_THAT(Bodies("order 7 URGENT"), ElementsAre("7 7 URGENT, 9: {x}"));
}

TEST_F(DeciderTest, FirstPatternThatCapturesWins) {
  Load(R"pb(rules {
              id: "a"
              match {
                patterns: "my name is (?P<who>\\w+)"
                patterns: "I am (?P<who>\\w+)"
                phrases: "hello"
              }
              actions { reply { body: "Hi {who|you}" } }
            })pb");
  EXPECT_THAT(Bodies("I am Ann"), ElementsAre("Hi Ann"));
  EXPECT_THAT(Bodies("I am Ann, my name is Bob"), ElementsAre("Hi Bob"));
  EXPECT_THAT(Bodies("hello"), ElementsAre("Hi you"));
}

// What a stranger wrote is filled in tamed.
TEST_F(DeciderTest, CaptureIsCutAndHasNoControlCharacters) {
  Load(R"pb(rules {
              id: "a"
              match { patterns: "(?s)say (.*)" }
              actions { reply { body: "{1}" } }
            })pb");
  EXPECT_THAT(Bodies("say a\nb\x1b[2J"), ElementsAre("a b [2J"));
  EXPECT_EQ(Bodies("say " + std::string(5'000, 'x'))[0].size(), 1'000u);
  std::string letters;
  for (int i = 0; i < 999; ++i) letters += "ж";
  // No half letter at the end.
  EXPECT_EQ(Bodies("say x" + letters)[0].size(), 999u);
}

TEST_F(DeciderTest, AlternativesTakeTurnsInAConversation) {
  Load(
      R"pb(rules {
             id: "a"
             match { phrases: "hello" }
             actions { reply { body: "1" alternatives: "2" alternatives: "3" } }
           })pb");
  std::vector<std::string> seen;
  for (int i = 0; i < 6; ++i) seen.push_back(Bodies("hello")[0]);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.begin() + 3).size(), 3u);
  EXPECT_THAT(std::vector<std::string>(seen.begin() + 3, seen.end()),
              ElementsAre(seen[0], seen[1], seen[2]));
}

TEST_F(DeciderTest, CooldownLetsTheNextRuleAnswer) {
  Load(absl::StrCat(
      "rules { id: \"a\" match { phrases: \"hello\" } cooldown { seconds: 60 "
      "} ",
      "actions { reply { body: \"first\" } } } ",
      "rules { id: \"b\" match { phrases: \"hello\" } ", kReply, "}"));
  EXPECT_THAT(Bodies("hello"), ElementsAre("first"));
  EXPECT_THAT(Bodies("hello"), ElementsAre("answer"));
  EXPECT_THAT(Bodies(Message("hello", 6)), ElementsAre("first"));
  now_ += absl::Seconds(60);
  EXPECT_THAT(Bodies("hello"), ElementsAre("first"));
}

TEST_F(DeciderTest, RuleActsOnlySoOftenInAConversation) {
  Load(absl::StrCat("rules { id: \"a\" match { phrases: \"hello\" } ",
                    "per_conversation_max: 2 ", kReply, "}"));
  EXPECT_THAT(Bodies("hello"), ElementsAre("answer"));
  EXPECT_THAT(Bodies("hello"), ElementsAre("answer"));
  EXPECT_THAT(Bodies("hello"), IsEmpty());
  EXPECT_THAT(Bodies(Message("hello", 6)), ElementsAre("answer"));
}

TEST_F(DeciderTest, ConditionsAreLookedAt) {
  Load(absl::StrCat(
      "rules { id: \"a\" match { phrases: \"hello\" } when { channels: "
      "\"Shop\" "
      "channels: \"12\" tags: \"vip\" without_tags: \"muted\" part_types: "
      "\"reply_user\" first_message_only: true directions: \"u2a\" } ",
      kReply, "}"));
  v1::Event event = Message("hello");
  Part(event).mutable_channel()->set_name("Shop");
  Part(event).add_conversation_tags("vip");
  Part(event).set_first(true);
  EXPECT_THAT(Bodies(event), ElementsAre("answer"));
  v1::Event other = event;
  Part(other).mutable_channel()->set_name("Blog");
  EXPECT_THAT(Bodies(other), IsEmpty());
  Part(other).mutable_channel()->set_id(12);
  EXPECT_THAT(Bodies(other), ElementsAre("answer"));
  other = event;
  Part(other).add_conversation_tags("muted");
  EXPECT_THAT(Bodies(other), IsEmpty());
  other = event;
  Part(other).clear_conversation_tags();
  EXPECT_THAT(Bodies(other), IsEmpty());
  other = event;
  Part(other).clear_first();
  EXPECT_THAT(Bodies(other), IsEmpty());
  other = event;
  Part(other).set_type("chat_bot_user");
  EXPECT_THAT(Bodies(other), IsEmpty());
}

TEST_F(DeciderTest, BusinessHoursAreThoseOfTheirZone) {
  Load(absl::StrCat(
      "rules { id: \"open\" match { phrases: \"hello\" } when { hours { "
      "time_zone: \"America/New_York\" open { days: \"mon\" days: \"tue\" "
      "from: "
      "\"09:00\" to: \"17:30\" } } } ",
      kReply, "}", "rules { id: \"closed\" match { phrases: \"hello\" } ",
      "actions { reply { body: \"closed\" } } }"));
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("America/New_York", &zone));
  const auto at = [&](int day, int hour, int minute) {
    now_ = absl::FromCivil(absl::CivilMinute(2026, 6, day, hour, minute), zone);
    return Bodies(Message("hello", 100 * day + hour))[0];
  };
  EXPECT_EQ(at(1, 9, 0), "answer");  // A Monday.
  EXPECT_EQ(at(1, 8, 59), "closed");
  EXPECT_EQ(at(2, 17, 29), "answer");
  EXPECT_EQ(at(2, 17, 30), "closed");
  EXPECT_EQ(at(3, 12, 0), "closed");
}

TEST_F(DeciderTest, HoursOverMidnightBelongToTheDayOnWhichTheyBegin) {
  Load(
      absl::StrCat("rules { id: \"night\" match { phrases: \"hello\" } when { "
                   "hours { open { days: \"sun\" from: \"22:00\" to: \"06:00\" "
                   "} } } ",
                   kReply, "}"));
  const auto is_open = [&](int day, int hour) {
    now_ = absl::FromCivil(absl::CivilHour(2026, 6, day, hour),
                           absl::UTCTimeZone());
    return !Bodies(Message("hello", 100 * day + hour)).empty();
  };
  EXPECT_TRUE(is_open(7, 23));  // A Sunday.
  EXPECT_TRUE(is_open(8, 5));
  EXPECT_FALSE(is_open(8, 6));
  EXPECT_FALSE(is_open(8, 23));
  EXPECT_FALSE(is_open(7, 5));
}

// Each takes the other for a lead, and no answer is ever the same twice.
TEST_F(DeciderTest, TwoThatTakeEachOtherForLeadsStop) {
  Load(R"pb(rules {
              id: "echo"
              match { patterns: "(?s)(.{0,40})" }
              actions { reply { body: "You said: {1}" } }
            })pb");
  Decider other{DeciderOptions()};
  std::string text = "hello";
  int turns = 0;
  for (; turns < 10'000; ++turns) {
    Decider& speaker = turns % 2 == 0 ? decider_ : other;
    now_ += absl::Milliseconds(100);
    const Decision decision =
        speaker.Decide(*rules_, Message(absl::StrCat(text, " ", turns)));
    if (decision.acts.empty()) break;
    text = decision.acts[0].body;
  }
  EXPECT_EQ(turns, 120);
}

TEST_F(DeciderTest, MessageThatIsEditedOrRemovedIsNotAnsweredAgain) {
  Load(absl::StrCat("rules { id: \"a\" match { phrases: \"hello\" } ", kReply,
                    "}"));
  const v1::Event event = Message("hello");
  EXPECT_THAT(Bodies(event), ElementsAre("answer"));
  v1::Event edited = event;
  Part(edited).set_edited("2026-01-31T12:00:00");
  EXPECT_THAT(Bodies(edited), IsEmpty());
  v1::Event removed = event;
  Part(removed).set_removed("2026-01-31T12:00:00");
  EXPECT_THAT(Bodies(removed), IsEmpty());
}

// Whatever each says comes back only after many other texts.
TEST_F(DeciderTest, TwoThatTakeTurnsWithManyTextsStop) {
  std::string texts;
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(&texts, "alternatives: \"text ", i, "\" ");
  }
  Load(
      absl::StrCat("answers_an_hour_max: 1000 rules { id: \"any\" match { "
                   "patterns: \".\" } actions { reply { ",
                   texts, "} } }"));
  Decider other{DeciderOptions()};
  std::string text = "hello";
  int turns = 0;
  for (; turns < 1'000; ++turns) {
    Decider& speaker = turns % 2 == 0 ? decider_ : other;
    const Decision decision = speaker.Decide(*rules_, Message(text));
    if (decision.acts.empty()) break;
    text = decision.acts[0].body;
  }
  // Each answers 20 new texts and 10 known ones; one answers the hello too.
  EXPECT_EQ(turns, 61);
}

// The limits are those of answers; whatever else a rule does, it does whole.
TEST_F(DeciderTest, RuleThatReachesALimitWithItsReplyIsDoneToItsEnd) {
  uint64_t conversation = 0;
  for (const char* limit :
       {"answers_in_a_row_max: 1 ", "answers_an_hour_max: 1 ",
        "answers_in_a_row_max: 100 "}) {
    Load(absl::StrCat(limit, R"pb(rules {
                                    id: "a"
                                    match { phrases: "hello" }
                                    actions { reply { body: "1" } }
                                    actions { tag { name: "x" } }
                                    actions { note { body: "2" } }
                                    actions { reply { body: "3" type: "note" } }
                                    actions { close {} }
                                  })pb"));
    EXPECT_THAT(Bodies(Message("hello", ++conversation)),
                ElementsAre("1", "", "2", "3", ""))
        << limit;
  }
}

TEST_F(DeciderTest, ReplyBeyondALimitAloneIsLeftOut) {
  Load(R"pb(answers_in_a_row_max: 1
            rules {
              id: "a"
              match { phrases: "hello" }
              actions { reply { body: "1" } }
              actions { reply { body: "2" } }
              actions { note { body: "3" } }
            })pb");
  const Decision decision = decider_.Decide(*rules_, Message("hello"));
  ASSERT_EQ(decision.acts.size(), 2u);
  EXPECT_EQ(decision.acts[1].body, "3");
  ASSERT_EQ(decision.silences.size(), 1u);
  EXPECT_EQ(decision.silences[0].why, "enough answers in a row");
}

// What is forgotten first is what was touched longest ago.
TEST_F(DeciderTest, OnlyTheLastUsesAreRemembered) {
  Load(absl::StrCat("rules { id: \"a\" match { phrases: \"hello\" } ",
                    "per_conversation_max: 1 ", kReply, "}"));
  DeciderOptions options;
  options.uses_max = 2;
  Decider decider(options);
  const auto acts = [&](uint64_t conversation) {
    return !decider.Decide(*rules_, Message("hello", conversation))
                .acts.empty();
  };
  EXPECT_TRUE(acts(1));
  EXPECT_TRUE(acts(2));
  EXPECT_FALSE(acts(1));
  EXPECT_TRUE(acts(3));
  EXPECT_TRUE(acts(1));
}

TEST_F(DeciderTest, WholeAnswerIsCutAt64KiB) {
  Load(absl::StrCat("rules { id: \"a\" match { patterns: \"(?s)say (.*)\" } ",
                    "actions { note { body: \"", std::string(65'000, 'x'),
                    "{1}\" } } }"));
  EXPECT_EQ(Bodies("say " + std::string(2'000, 'y'))[0].size(), 64u << 10);
}

TEST(AnswerMetricsTest, PairsBeyondTheMostShareACounter) {
  AnswerMetrics metrics;
  for (size_t i = 0; i < AnswerMetrics::kPairsMax + 10; ++i) {
    metrics.Count(&AnswerCounts::answered, absl::StrCat("rule-", i), "v");
  }
  EXPECT_THAT(metrics.Text(),
              ::testing::HasSubstr("rule=\"(other)\",version=\"(other)\","
                                   "outcome=\"answered\"} 10\n"));
  EXPECT_EQ(metrics.total().answered,
            static_cast<int64_t>(AnswerMetrics::kPairsMax) + 10);
}

}  // namespace
}  // namespace chatgate
