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
    if (!guard_.MayAnswer(conversation)) return false;
    guard_.Answered(conversation);
    return true;
  }

  LoopGuard guard_{3, 2};
};

TEST_F(LoopGuardTest, AnswersInARowAreLimited) {
  guard_.LeadWrites(kHere, "hello");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(guard_.MayAnswer(kHere));
    guard_.Answered(kHere);
  }
  EXPECT_FALSE(guard_.MayAnswer(kHere));
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
