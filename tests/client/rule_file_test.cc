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
  return std::string(ParseRuleFile("r.txt", text).status().message());
}

TEST(RuleFileTest, ExampleHoldsTheSeedsQuestionAndAnswer) {
  ASSERT_OK_AND_ASSIGN(const v1::RuleFile file,
                       ReadRuleFile(CHATGATE_EXAMPLE_RULES));
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(file));
  ASSERT_THAT(rules.Match("hello, how are YOU?"), ElementsAre(0));
  EXPECT_EQ(file.rules(0).actions(0).reply().body(), "Hey, great!");
}

TEST(RuleFileTest, MissingFileIsNamed) {
  EXPECT_THAT(
      ReadRuleFile("/nowhere/rules"),
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

}  // namespace
}  // namespace chatgate
