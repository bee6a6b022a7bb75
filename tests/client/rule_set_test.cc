#include "client/responder/rule_set.h"

#include <re2/re2.h>

#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
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
  EXPECT_TRUE(CheckRules(file).empty());
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

TEST(RuleSetTest, HigherPriorityIsLookedAtFirst) {
  v1::RuleFile file = Phrases({"hello", "hell", "he"});
  file.mutable_rules(2)->set_priority(1);
  file.mutable_rules(0)->set_priority(-1);
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(file));
  EXPECT_THAT(rules.FindAll("hello"), ElementsAre(2, 1, 0));
  EXPECT_THAT(rules.Match("hello"), ElementsAre(2));
}

TEST(RuleSetTest, AllOfThemMustMatch) {
  v1::RuleFile file;
  v1::Match& match = *AddRule(file).mutable_match();
  match.add_all()->add_phrases("price");
  match.add_all()->add_patterns("shoes?");
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(file));
  EXPECT_THAT(rules.Match("the PRICE of a shoe"), ElementsAre(0));
  EXPECT_THAT(rules.Match("the price"), IsEmpty());
}

TEST(RuleSetTest, AnyOfThemIsEnough) {
  v1::RuleFile file;
  v1::Match& match = *AddRule(file).mutable_match();
  match.add_phrases("price");
  match.add_any()->add_all()->add_phrases("how");
  match.mutable_any(0)->add_all()->add_phrases("much");
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(file));
  EXPECT_THAT(rules.Match("price"), ElementsAre(0));
  EXPECT_THAT(rules.Match("how very much"), ElementsAre(0));
  EXPECT_THAT(rules.Match("how"), IsEmpty());
}

TEST(RuleSetTest, NoneOfThemMayMatch) {
  v1::RuleFile file;
  v1::Match& match = *AddRule(file).mutable_match();
  match.add_phrases("price");
  match.add_not_()->add_phrases("old");
  match.add_not_()->add_patterns("former(ly)?");
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(file));
  EXPECT_THAT(rules.Match("the price"), ElementsAre(0));
  EXPECT_THAT(rules.Match("the OLD price"), IsEmpty());
  EXPECT_THAT(rules.Match("formerly the price"), IsEmpty());
}

TEST(RuleSetTest, WhatIsNotThereMayBeAllThatARuleAsks) {
  v1::RuleFile file = Phrases({"hello"});
  AddRule(file).mutable_match()->add_not_()->add_phrases("stop");
  ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(file));
  EXPECT_THAT(rules.Match("something else"), ElementsAre(1));
  EXPECT_THAT(rules.Match("hello"), ElementsAre(0));
  EXPECT_THAT(rules.Match("stop"), IsEmpty());
}

std::string RandomText(std::mt19937& random, int length) {
  static const std::vector<std::string> letters = {
      "a", "B", "c", "Σ", "ς", "σ", "ж", "Ж",      "ß", "ẞ", "#",      " ",
      ".", "(", "I", "i", "İ", "ı", "K", "\u212a", "k", "s", "\u017f", "\xff"};
  std::string text;
  for (int i = 0; i < length; ++i) text += letters[random() % letters.size()];
  return text;
}

std::string RandomPhrase(std::mt19937& random, int length) {
  std::string phrase;
  while (phrase.empty() || phrase.find('\xff') != std::string::npos) {
    phrase = "x" + RandomText(random, length);
  }
  return phrase;
}

std::string RandomPattern(std::mt19937& random) {
  static const std::vector<std::string> forms = {
      "$0$1",    "$0.*$1",       "($0|$1)",   "$0[a-cж-к]$1", "\\b$0$1?",
      "^$0",     "$0$$",         "(?-i)$0$1", "$0{1,2}$1",    "[^$0]$1",
      "\\d+$0?", "(?i:$0)\\s$1", "(?:$0|)$1", "$0\\w*",       "(?s).$0.$1"};
  std::string a;
  std::string b;
  while (a.empty() || a.find('\xff') != std::string::npos) {
    a = RandomText(random, 1 + random() % 2);
  }
  while (b.empty() || b.find('\xff') != std::string::npos) {
    b = RandomText(random, 1 + random() % 4);
  }
  return absl::Substitute(forms[random() % forms.size()], RE2::QuoteMeta(a),
                          RE2::QuoteMeta(b));
}

// Every way of searching phrases gives the answer of the seed.
TEST(RuleSetTest, AllWaysFindPhrasesAsTheSeedDid) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> phrases;
    const int count = 1 + static_cast<int>(random() % 80);
    for (int i = 0; i < count; ++i) {
      phrases.push_back(RandomPhrase(random, 1 + random() % 3));
    }
    const v1::RuleFile file = Phrases(phrases);
    for (const MatchWay way : {MatchWay::kAutomatic, MatchWay::kOneByOne,
                               MatchWay::kSet, MatchWay::kFiltered}) {
      ASSERT_OK_AND_ASSIGN(const RuleSet rules, RuleSet::Compile(file, way));
      std::mt19937 texts(seed + round);
      for (int i = 0; i < 50; ++i) {
        const std::string text =
            absl::StrCat(RandomText(texts, texts() % 8), "X",
                         RandomText(texts, texts() % 8));
        EXPECT_EQ(rules.FindAll(text), SeedsAnswer(phrases, text)) << text;
      }
    }
  }
}

// The same of patterns, held against one RE2 at a time.
TEST(TextMatcherTest, AllWaysAnswerAlike) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 40; ++round) {
    std::vector<Expression> expressions;
    const int count = 1 + static_cast<int>(random() % 60);
    while (static_cast<int>(expressions.size()) < count) {
      Expression expression{RandomPattern(random), random() % 3 == 0};
      if (CompileExpression(expression)->ok()) {
        expressions.push_back(std::move(expression));
      }
    }
    const auto one_by_one = NewOneByOneMatcher(expressions);
    ASSERT_OK_AND_ASSIGN(const auto set, NewSetMatcher(expressions));
    ASSERT_OK_AND_ASSIGN(const auto filtered, NewFilteredMatcher(expressions));
    for (int i = 0; i < 100; ++i) {
      const std::string text = RandomText(random, random() % 24);
      const std::vector<int> expected = one_by_one->Match(text);
      EXPECT_EQ(set->Match(text), expected) << text;
      EXPECT_EQ(filtered->Match(text), expected) << text;
    }
  }
}

// A set whose automaton outgrows its memory says "nothing found" and an error.
TEST(TextMatcherTest, SetThatRunsOutOfMemoryStillAnswers) {
  std::vector<Expression> expressions;
  for (int i = 0; i < 400; ++i) {
    expressions.push_back(
        {absl::StrCat("(a|b|c)*", i, ".{0,80}(x|y)", i % 7), false});
  }
  ASSERT_OK_AND_ASSIGN(const auto set, NewSetMatcher(expressions));
  ASSERT_OK_AND_ASSIGN(const auto filtered, NewFilteredMatcher(expressions));
  std::mt19937 random(7);
  for (int i = 0; i < 20; ++i) {
    std::string text;
    for (int c = 0; c < 600; ++c) text += "abc0123456789xy"[random() % 15];
    EXPECT_EQ(set->Match(text), filtered->Match(text));
  }
}

}  // namespace
}  // namespace chatgate
