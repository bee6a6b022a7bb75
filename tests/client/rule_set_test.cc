#include "client/responder/rule_set.h"

#include <re2/re2.h>

#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::Rule& AddRule(v1::RuleFile& file) {
  v1::Rule& rule = *file.add_rules();
  rule.set_id(absl::StrCat("rule-", file.rules_size()));
  rule.add_actions()->mutable_reply()->set_body("answer");
  return rule;
}

v1::RuleFile Phrases(const std::vector<std::string>& phrases) {
  v1::RuleFile file;
  for (const std::string& phrase : phrases) {
    AddRule(file).mutable_match()->add_phrases(phrase);
  }
  return file;
}

bool Finds(const std::string& phrase, const std::string& text) {
  const auto rules = RuleSet::Compile(Phrases({phrase}));
  EXPECT_THAT(rules, IsOk());
  return rules.ok() && !rules->Match(text).empty();
}

struct PhraseCase {
  const char* name;
  const char* phrase;
  const char* text;
  bool found;
};

class PhraseTest : public ::testing::TestWithParam<PhraseCase> {};

TEST_P(PhraseTest, IsFoundAsExpected) {
  EXPECT_EQ(Finds(GetParam().phrase, GetParam().text), GetParam().found);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, PhraseTest,
    ::testing::Values(
        PhraseCase{"Seed", "Hello, how are you", "Hello, how are you", true},
        PhraseCase{"SeedShouted", "Hello, how are you",
                   "HELLO, HOW ARE YOU TODAY?", true},
        PhraseCase{"SeedAfterHash", "Hello, how are you",
                   "ticket # Hello, how are you", true},
        PhraseCase{"SeedInsideAWord", "how are you", "somehow are your", true},
        PhraseCase{"SeedWithoutComma", "Hello, how are you",
                   "Hello how are you", false},
        PhraseCase{"SeedAcrossLines", "Hello, how are you",
                   "Hello,\nhow are you", false},
        PhraseCase{"EmptyText", "hello", "", false},
        PhraseCase{"DotIsADot", "v1.2", "v1x2", false},
        PhraseCase{"SyntaxIsText", "a(b)*[c]?", "say A(B)*[C]? now", true},
        PhraseCase{"Cyrillic", "Привет, как дела", "ПРИВЕТ, КАК ДЕЛА?", true},
        PhraseCase{"CyrillicYo", "ёлка", "ЁЛКА", true},
        PhraseCase{"CyrillicYoIsNoYe", "ёлка", "елка", false},
        PhraseCase{"Greek", "καλημέρα", "ΚΑΛΗΜΈΡΑ", true},
        PhraseCase{"FinalSigma", "ΟΔΟΣ", "οδος", true},
        PhraseCase{"FinalSigmaAsked", "οδος", "ΟΔΟΣ", true},
        PhraseCase{"SigmaOfBothKinds", "οδος", "οδοσ", true},
        PhraseCase{"SharpSIsOneLetter", "straße", "STRASSE", false},
        PhraseCase{"CapitalSharpS", "straße", "STRAẞE", true},
        PhraseCase{"Armenian", "բարև", "ԲԱՐև", true},
        PhraseCase{"Chinese", "你好", "大家你好吗", true},
        PhraseCase{"Emoji", "👍", "ok 👍!", true}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(RuleSetTest, PatternIsSearchedInAnyLetterCase) {
  v1::RuleFile file;
  AddRule(file).mutable_match()->add_patterns("when (do|are) you (open|close)");
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(file));
  EXPECT_THAT(rules.Match("So WHEN DO YOU OPEN?"), ElementsAre(0));
  EXPECT_THAT(rules.Match("when did you open?"), IsEmpty());
}

TEST(RuleSetTest, OnePhraseOrPatternIsEnough) {
  v1::RuleFile file;
  v1::Match& match = *AddRule(file).mutable_match();
  match.add_phrases("price");
  match.add_phrases("cost");
  match.add_patterns("how much");
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(file));
  EXPECT_THAT(rules.Match("price, cost, how much?"), ElementsAre(0));
  EXPECT_THAT(rules.Match("the cost"), ElementsAre(0));
  EXPECT_THAT(rules.Match("How much is it"), ElementsAre(0));
}

TEST(RuleSetTest, FirstRuleThatMatchesAnswersAlone) {
  ASSERT_OK_AND_ASSIGN(const RuleSet rules,
                       RuleSet::Compile(Phrases({"no", "hello", "hell"})));
  EXPECT_THAT(rules.Match("hello"), ElementsAre(1));
}

TEST(RuleSetTest, GoOnLooksAtTheNextRulesToo) {
  v1::RuleFile file = Phrases({"hello", "hell", "he", "h"});
  file.mutable_rules(0)->set_go_on(true);
  file.mutable_rules(1)->set_go_on(true);
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(file));
  EXPECT_THAT(rules.Match("hello"), ElementsAre(0, 1, 2));
  EXPECT_THAT(rules.Match("he"), ElementsAre(2));
}

TEST(RuleSetTest, AbsentValuesHaveTheirDefaults) {
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(Phrases({"x"})));
  EXPECT_EQ(rules.bot_name(), "Bot");
  EXPECT_EQ(rules.answers_in_a_row_max(), 3);
}

TEST(RuleSetTest, TextThatIsNoUtf8MatchesItsReadableParts) {
  EXPECT_TRUE(Finds("hello", "\xff\xfe hello \xc3"));
}

TEST(RuleSetTest, TenThousandRulesAreTheMost) {
  v1::RuleFile file = Phrases(std::vector<std::string>(10'000, "x"));
  EXPECT_THAT(CheckRules(file), IsEmpty());
  AddRule(file).mutable_match()->add_phrases("x");
  ASSERT_EQ(CheckRules(file).size(), 1u);
  EXPECT_THAT(CheckRules(file)[0].reason, HasSubstr("10000"));
}

TEST(RuleSetTest, CompileNamesEveryProblem) {
  v1::RuleFile file = Phrases({"x", ""});
  file.mutable_rules(0)->mutable_match()->add_patterns("a(");
  EXPECT_THAT(RuleSet::Compile(file),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::AllOf(HasSubstr("rule 1 (\"rule-1\")"),
                                      HasSubstr("missing )"),
                                      HasSubstr("rule 2 (\"rule-2\")"))));
}

// What the first bot of this kind did, by the letter.
std::vector<int> SeedsAnswer(const std::vector<std::string>& phrases,
                             const std::string& text) {
  RE2::Options options;
  options.set_case_sensitive(false);
  std::vector<int> found;
  for (size_t i = 0; i < phrases.size(); ++i) {
    const RE2 seed(absl::StrCat("(#\\s|)(", RE2::QuoteMeta(phrases[i]), ")"),
                   options);
    if (RE2::PartialMatch(text, seed)) found.push_back(static_cast<int>(i));
  }
  return found;
}

std::string RandomText(std::mt19937& random, int length) {
  static const std::vector<std::string> letters = {
      "a", "B", "c", "Σ", "ς", "σ", "ж", "Ж", "ß",      "ẞ", "#",
      " ", ".", "(", "I", "i", "İ", "ı", "K", "\u212a", "k"};
  std::string text;
  for (int i = 0; i < length; ++i) text += letters[random() % letters.size()];
  return text;
}

// Every way of searching gives the answer of the plainest one.
TEST(RuleSetTest, AllWaysAnswerAlike) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> phrases;
    v1::RuleFile file;
    const int count = 1 + static_cast<int>(random() % 80);
    for (int i = 0; i < count; ++i) {
      phrases.push_back("x" + RandomText(random, 1 + random() % 3));
      AddRule(file).mutable_match()->add_phrases(phrases.back());
      file.mutable_rules(i)->set_go_on(true);
    }
    ASSERT_OK_AND_ASSIGN(const RuleSet automatic, RuleSet::Compile(file));
    ASSERT_OK_AND_ASSIGN(const RuleSet one_by_one,
                         RuleSet::Compile(file, MatchWay::kOneByOne));
    ASSERT_OK_AND_ASSIGN(const RuleSet set,
                         RuleSet::Compile(file, MatchWay::kSet));
    for (int i = 0; i < 50; ++i) {
      const std::string text =
          absl::StrCat(RandomText(random, random() % 8), "X",
                       RandomText(random, random() % 8));
      const std::vector<int> expected = SeedsAnswer(phrases, text);
      EXPECT_EQ(automatic.Match(text), expected) << text;
      EXPECT_EQ(one_by_one.Match(text), expected) << text;
      EXPECT_EQ(set.Match(text), expected) << text;
    }
  }
}

}  // namespace
}  // namespace chatgate
