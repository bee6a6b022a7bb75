#include "client/responder/loop_guard.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

constexpr char kHere[] = "777 1";

class LoopGuardTest : public ::testing::Test {
 protected:
  // The lead writes; true when that was answered.
  bool Turn(absl::string_view text, absl::string_view conversation = kHere) {
    guard_.LeadWrites(conversation, text);
    if (!MayAnswer(conversation)) return false;
    guard_.Answered(conversation, now_);
    return true;
  }
  bool MayAnswer(absl::string_view conversation = kHere) {
    return guard_.WhySilent(conversation, now_, limits_).empty() &&
           guard_.WhyNoAnswer(conversation, now_, limits_).empty();
  }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  LoopGuard::Limits limits_{3, 1'000, absl::Minutes(10)};
  LoopGuard guard_{2};
};

TEST_F(LoopGuardTest, AnswersInARowAreLimited) {
  guard_.LeadWrites(kHere, "hello");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(MayAnswer());
    guard_.Answered(kHere, now_);
  }
  EXPECT_FALSE(MayAnswer());
}

// Tags and notes are for operators: no number of them is too many.
TEST_F(LoopGuardTest, EnoughAnswersAreNoReasonToDoNothing) {
  limits_.an_hour_max = 3;
  guard_.LeadWrites(kHere, "hello");
  for (int i = 0; i < 3; ++i) guard_.Answered(kHere, now_);
  EXPECT_EQ(guard_.WhySilent(kHere, now_, limits_), "");
  EXPECT_EQ(guard_.WhyNoAnswer(kHere, now_, limits_),
            "enough answers in a row");
}

TEST_F(LoopGuardTest, OperatorThatWritesBeginsANewRow) {
  guard_.LeadWrites(kHere, "hello");
  for (int i = 0; i < 3; ++i) guard_.Answered(kHere, now_);
  guard_.HumanWrites(kHere, now_);
  now_ += absl::Minutes(10);
  EXPECT_TRUE(MayAnswer());
}

TEST_F(LoopGuardTest, SilentForAWhileAfterAnOperator) {
  guard_.HumanWrites(kHere, now_);
  EXPECT_FALSE(Turn("hello"));
  now_ += absl::Minutes(10) - absl::Seconds(1);
  EXPECT_FALSE(Turn("hello again"));
  now_ += absl::Seconds(1);
  EXPECT_TRUE(Turn("and again"));
}

TEST_F(LoopGuardTest, OperatorElsewhereDoesNotMatter) {
  guard_.HumanWrites("777 2", now_);
  EXPECT_TRUE(Turn("hello"));
}

TEST_F(LoopGuardTest, AnswersWithinAnHourAreLimited) {
  limits_.an_hour_max = 4;
  int answered = 0;
  for (int i = 0; i < 100; ++i) answered += Turn(absl::StrCat("text ", i));
  EXPECT_EQ(answered, 4);
  now_ += absl::Hours(1);
  EXPECT_TRUE(Turn("later"));
}

TEST_F(LoopGuardTest, LeadThatWritesBeginsANewRow) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Turn(absl::StrCat("text ", i)));
}

TEST_F(LoopGuardTest, LeadThatRepeatsItselfIsAnsweredForAWhile) {
  EXPECT_TRUE(Turn("hello"));
  for (int i = 0; i < LoopGuard::kRepeatsMax; ++i) EXPECT_TRUE(Turn("hello"));
  EXPECT_FALSE(Turn("hello"));
  EXPECT_FALSE(Turn("hello"));
}

TEST_F(LoopGuardTest, CircleOfTextsIsLeft) {
  int answered = 0;
  for (int i = 0; i < 1'000; ++i) {
    if (Turn(absl::StrCat("text ", i % 5))) ++answered;
  }
  EXPECT_EQ(answered, 5 + LoopGuard::kRepeatsMax);
}

TEST_F(LoopGuardTest, SomethingNewEndsTheSilence) {
  for (int i = 0; i < 100; ++i) Turn("hello");
  EXPECT_FALSE(Turn("hello"));
  EXPECT_TRUE(Turn("something else"));
  EXPECT_TRUE(Turn("hello"));
}

// Nobody goes round in a circle with one who does not answer.
TEST_F(LoopGuardTest, MessageThatNoRuleMatchesBreaksTheCircle) {
  for (int i = 0; i < LoopGuard::kRepeatsMax + 1; ++i) Turn("hello");
  guard_.LeadWrites(kHere, "thanks");
  EXPECT_TRUE(Turn("hello"));
}

TEST_F(LoopGuardTest, ConversationsAreApart) {
  for (int i = 0; i < 100; ++i) Turn("hello");
  EXPECT_TRUE(Turn("hello", "777 2"));
}

TEST_F(LoopGuardTest, OnlyTheLastConversationsAreRemembered) {
  for (int i = 0; i < 100; ++i) Turn("hello", absl::StrCat("777 ", i));
  EXPECT_EQ(guard_.conversations(), 2u);
}

}  // namespace
}  // namespace chatgate
