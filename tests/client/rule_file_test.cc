#include "client/responder/rule_file.h"

#include "absl/strings/str_cat.h"
#include "client/responder/rule_set.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kActions[] = "actions { reply { body: \"a\" } }";

std::string Problems(const std::string& text) {
  return std::string(ParseRules("r.txt", text).status().message());
}

TEST(RuleFileTest, ExampleHoldsTheSeedsQuestionAndAnswer) {
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, ReadRules(CHATGATE_EXAMPLE_RULES));
  ASSERT_THAT(rules.Match("hello, how are YOU?"), ElementsAre(0));
  EXPECT_EQ(rules.file().rules(0).actions(0).reply().body(), "Hey, great!");
}

TEST(RuleFileTest, MissingFileIsNamed) {
  EXPECT_THAT(
      ReadRules("/nowhere/rules"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/rules")));
}

TEST(RuleFileTest, FileOfAnotherKindIsRefusedWithItsLine) {
  EXPECT_EQ(Problems("\nrules {\n  nonsense: 1\n}\n"),
            "r.txt:3: Message type \"chatgate.v1.Rule\" has no field named "
            "\"nonsense\".");
}

TEST(RuleFileTest, UnclosedBraceIsRefused) {
  EXPECT_THAT(Problems("rules {\n"), HasSubstr("r.txt:2: "));
}

TEST(RuleFileTest, EmptyFileHasNoRule) {
  EXPECT_EQ(Problems("# nothing\n"), "r.txt:1: the file has no rule");
}

TEST(RuleFileTest, WrongPatternIsRefusedAtItsOwnLine) {
  EXPECT_EQ(Problems(absl::StrCat("rules {\n  id: \"a\"\n  match {\n"
                                  "    patterns: \"fine\"\n"
                                  "    patterns: \"a(\"\n  }\n",
                                  kActions, "}\n")),
            "r.txt:5: the pattern \"a(\" is wrong: missing ): a(");
}

TEST(RuleFileTest, LookAroundIsRefusedWithTheReason) {
  EXPECT_THAT(Problems(absl::StrCat("rules { id: \"a\"\n"
                                    "match { patterns: \"(?=x)\" }\n",
                                    kActions, "}\n")),
              testing::AllOf(HasSubstr("r.txt:2: "), HasSubstr("look-around")));
}

TEST(RuleFileTest, AllProblemsAreNamedAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(Problems("rules {\n"
                     "  id: \"a b\"\n"
                     "}\n"
                     "rules {\n"
                     "  id: \"b\"\n"
                     "  match { phrases: \" \" }\n"
                     "  actions { }\n"
                     "}\n"
                     "answers_in_a_row_max: 101\n"),
            "r.txt:1: match has no phrase and no pattern: it matches nothing\n"
            "r.txt:1: the rule has no action: it does nothing\n"
            "r.txt:2: id is 1 to 64 letters, digits, '-', '_' and '.'\n"
            "r.txt:6: the phrase is empty: it is in every message\n"
            "r.txt:7: the action says nothing to do\n"
            "r.txt:9: answers_in_a_row_max is 1 to 100, or absent for 3");
}

TEST(RuleFileTest, IdOfAnotherRuleIsRefused) {
  const std::string rule = absl::StrCat(
      "rules { id: \"a\" match { phrases: \"x\" } ", kActions, " }\n");
  EXPECT_EQ(Problems(rule + rule), "r.txt:2: id \"a\" is another rule's too");
}

TEST(RuleFileTest, TypeOfAReplyIsAdminOrNote) {
  EXPECT_THAT(Problems("rules { id: \"a\" match { phrases: \"x\" }\n"
                       "actions { reply { body: \"b\" type: \"shout\" } } }"),
              HasSubstr("r.txt:2: the reply's type is reply_admin or note"));
}

// A rule with this `match` and, at line 3, whatever `more` says.
std::string Rule(const std::string& id, const std::string& match,
                 const std::string& more = "") {
  return absl::StrCat("rules { id: \"", id, "\"\n match { ", match, " }\n",
                      more, " ", kActions, " }\n");
}

TEST(RuleFileTest, VersionIsTheBeginningOfTheFilesHash) {
  const std::string text = Rule("a", "phrases: \"x\"");
  ASSERT_OK_AND_ASSIGN(const RuleSet one, ParseRules("r.txt", text));
  ASSERT_OK_AND_ASSIGN(const RuleSet same, ParseRules("r.txt", text));
  ASSERT_OK_AND_ASSIGN(const RuleSet other, ParseRules("r.txt", text + "\n"));
  EXPECT_EQ(one.file().version().size(), 12u);
  EXPECT_EQ(one.file().version(), same.file().version());
  EXPECT_NE(one.file().version(), other.file().version());
}

TEST(RuleFileTest, VersionOfTheFileIsKept) {
  ASSERT_OK_AND_ASSIGN(
      const RuleSet rules,
      ParseRules("r.txt", "version: \"v7\"\n" + Rule("a", "phrases: \"x\"")));
  EXPECT_EQ(rules.file().version(), "v7");
}

TEST(RuleFileTest, WrongPatternDeepInsideIsRefusedAtItsOwnLine) {
  EXPECT_EQ(
      Problems(Rule("a",
                    "all { phrases: \"x\" }\nall {\nany { phrases: \"y\" }"
                    "\nany { patterns: \"[\" } }")),
      "r.txt:5: the pattern \"[\" is wrong: missing ]: [");
}

TEST(RuleFileTest, BackReferenceIsRefusedWithTheReason) {
  EXPECT_THAT(Problems(Rule("a", "patterns: \"(a)\\\\1\"")),
              HasSubstr("back-references"));
}

TEST(RuleFileTest, UnknownCaptureIsRefused) {
  const std::string reply =
      "actions { reply { body: \"{1} {who} {3} {{x}} {a b}\" } }";
  EXPECT_EQ(
      Problems(Rule("a", "patterns: \"I am (?P<who>.*) (and) x\"", reply)),
      "r.txt:3: unknown capture {3}: no pattern of the rule has it ({{3}} "
      "would be plain text)");
}

TEST(RuleFileTest, CaptureUnderNotIsUnknown) {
  EXPECT_THAT(Problems(Rule("a", "phrases: \"x\" not { patterns: \"(y)\" }",
                            "actions { note { body: \"{1}\" } }")),
              HasSubstr("r.txt:3: unknown capture {1}"));
}

TEST(RuleFileTest, UnknownFieldOfAnEventIsRefused) {
  EXPECT_EQ(Problems(Rule("a", "phrases: \"x\"",
                          "actions { note { body: \"{event.secret}\" } }")),
            "r.txt:3: an event has no field {event.secret}");
}

TEST(RuleFileTest, RuleThatCanNeverMatchIsRefused) {
  const std::string never = "it can never match";
  EXPECT_THAT(Problems(Rule("a", "patterns: \"[^\\\\x00-\\\\x{10FFFF}]\"")),
              HasSubstr(never));
  EXPECT_THAT(Problems(Rule("a", "patterns: \"x$y\"")), HasSubstr(never));
  EXPECT_THAT(Problems(Rule("a", "patterns: \"x^y\"")), HasSubstr(never));
  EXPECT_THAT(Problems(Rule("a",
                            "phrases: \"Hello there\" not { phrases: "
                            "\"hello\" }")),
              HasSubstr(never));
  EXPECT_THAT(
      Problems(Rule("a", "phrases: \"x\"", "when { directions: \"a2u\" }")),
      HasSubstr("can never match: only u2a is answered"));
  EXPECT_THAT(Problems(Rule("a", "phrases: \"x\"",
                            "when { tags: \"vip\" without_tags: \"vip\" }")),
              HasSubstr("can never match"));
}

TEST(RuleFileTest, RuleThatLooksOddAndCanMatchIsKept) {
  for (const char* pattern :
       {"x*^y", "x$y*", "x$|y", "(x)^", "(?m)x$\\ny", "^$", "a{0}^b"}) {
    EXPECT_THAT(ParseRules("r.txt", Rule("a", absl::StrCat("patterns: \"",
                                                           pattern, "\""))),
                IsOk())
        << pattern;
  }
}

TEST(RuleFileTest, ExampleThatDoesNotMatchIsRefused) {
  EXPECT_EQ(
      Problems(Rule("a", "phrases: \"hello\"",
                    "examples { match: \"HELLO\"\n match: \"good bye\" }")),
      "r.txt:4: the example \"good bye\" does not match the rule");
}

TEST(RuleFileTest, ExampleThatMustNotMatchIsRefusedWhereItDoes) {
  EXPECT_EQ(Problems(Rule("a", "phrases: \"hello\"",
                          "examples { no_match: \"HELLO\" }")),
            "r.txt:3: the example \"HELLO\" matches the rule");
}

TEST(RuleFileTest, ExampleOfTwoRulesOfOnePriorityIsRefused) {
  const std::string one = Rule("a", "phrases: \"hello\"");
  const std::string examples = "examples { match: \"hello world\" }";
  EXPECT_EQ(
      Problems(one + Rule("b", "phrases: \"world\"", examples)),
      "r.txt:6: the example \"hello world\" also matches the rule \"a\" of "
      "the same priority: say which goes first");
  EXPECT_EQ(Problems(one + Rule("b", "phrases: \"world\"",
                                "priority: 1 " + examples)),
            "");
}

TEST(RuleFileTest, RulesThatBothActAreNoRivals) {
  EXPECT_EQ(Problems(Rule("a", "phrases: \"hello\"", "go_on: true") +
                     Rule("b", "phrases: \"world\"",
                          "examples { match: \"hello world\" }")),
            "");
}

TEST(RuleFileTest, RulesWhoseConditionsExcludeEachOtherAreNoRivals) {
  const std::string hours =
      "when { hours { open { from: \"09:00\" to: \"17:00\" } ";
  EXPECT_EQ(Problems(Rule("a", "phrases: \"hello\"", hours + "} }") +
                     Rule("b", "phrases: \"hello\"",
                          hours + "outside: true } } "
                                  "examples { match: \"hello\" }")),
            "");
}

TEST(RuleFileTest, LimitsAreChecked) {
  EXPECT_THAT(
      Problems(
          Rule("a", "phrases: \"x\"",
               "cooldown { seconds: 604801 } per_conversation_max: -1 "
               "when { hours { time_zone: \"Mars\" open { days: \"x\" from: "
               "\"9\" to: \"25:00\" } } }") +
          "human_silence { seconds: 86401 }\n"
          "answers_an_hour_max: 1001\n"
          "time_zone: \"Venus\"\n"
          "version: \"a b\"\n"),
      testing::AllOf(HasSubstr("r.txt:3: cooldown is"),
                     HasSubstr("r.txt:3: per_conversation_max is"),
                     HasSubstr("r.txt:3: there is no time zone \"Mars\""),
                     HasSubstr("r.txt:3: a day is mon"),
                     HasSubstr("r.txt:3: `from` and `to` are times"),
                     HasSubstr("r.txt:4: human_silence is"),
                     HasSubstr("r.txt:5: answers_an_hour_max is"),
                     HasSubstr("r.txt:6: there is no time zone \"Venus\""),
                     HasSubstr("r.txt:7: version is")));
}

TEST(RuleFileTest, EightLevelsAreTheDeepest) {
  std::string match = "phrases: \"x\"";
  for (int level = 1; level < 8; ++level) match = "all { " + match + " }";
  EXPECT_EQ(Problems(Rule("a", match)), "");
  EXPECT_THAT(Problems(Rule("a", "all { " + match + " }")),
              HasSubstr("more than 8 levels"));
}

TEST(RuleFileTest, NestingWithoutEndIsRefused) {
  std::string deep;
  for (int level = 0; level < 200'000; ++level) deep += "all { ";
  EXPECT_THAT(Problems(Rule("a", deep)), HasSubstr("r.txt:2: "));
}

}  // namespace
}  // namespace chatgate
