// What becomes of a change whose answer was lost.
#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/web_api/losing_platform.h"

namespace chatgate {
namespace {

using ::testing::SizeIs;

TEST_F(LostAnswerTest, ReplyCarriesARandomIdOfItsOwn) {
  ASSERT_THAT(Reply("a"), IsOk());
  const uint32_t first = LastRandomId();
  EXPECT_NE(first, 0u);
  ASSERT_THAT(Reply("b"), IsOk());
  EXPECT_NE(LastRandomId(), first);
  v1::ReplyToConversationRequest own = ReplyRequest("c");
  own.set_random_id(4);
  ASSERT_THAT(Ask<v1::ReplyToConversationResponse>(own), IsOk());
  EXPECT_EQ(LastRandomId(), 4u);
}

TEST_F(LostAnswerTest, ReplyThatWasDoneIsFoundAmongTheParts) {
  fates_ = {kLoseAnswer};
  ASSERT_OK_AND_ASSIGN(const auto response, Reply());
  EXPECT_EQ(response.part().id(), 100u);
  EXPECT_EQ(Posts(), 1u);
  EXPECT_EQ(report_.cost, 2);
}

TEST_F(LostAnswerTest, ReplyBehindManyNewerPartsIsFound) {
  fates_ = {kLoseAnswer};
  read_answer_ = SaysError(403, "PermissionDeniedError");
  ASSERT_THAT(Reply("a"), Fails("AMBIGUOUS"));
  read_answer_ = {};
  AddParts(120, clock_.Now());
  ASSERT_OK_AND_ASSIGN(const auto again, Reply("a"));
  EXPECT_EQ(again.part().id(), 100u);
  EXPECT_EQ(Posts(), 1u);
}

TEST_F(LostAnswerTest, ReplyBehindTooManyNewerPartsIsUnclear) {
  fates_ = {kLoseAnswer};
  read_answer_ = SaysError(403, "PermissionDeniedError");
  ASSERT_THAT(Reply("a"), Fails("AMBIGUOUS"));
  read_answer_ = {};
  AddParts(250, clock_.Now());
  clock_.AdvanceTime(absl::Seconds(41));  // It cannot be late any more.
  const size_t calls = Sent().size();
  EXPECT_THAT(Reply("a"), Fails("AMBIGUOUS"));
  EXPECT_THAT(Sent(), SizeIs(calls + 5));
  EXPECT_EQ(Posts(), 1u);
}

// Whose clocks are far from ours.
TEST_F(LostAnswerTest, PlatformOfAnotherDayIsLookedThroughByItsOwnClock) {
  for (const absl::Duration ahead : {-absl::Hours(72), absl::Hours(72)}) {
    ahead_ = ahead;
    parts_.clear();
    const std::string id = absl::FormatDuration(ahead);
    AddParts(120, PlatformNow() - absl::Hours(1));
    // It was done, and is behind what others wrote since.
    fates_ = {kLoseAnswer};
    read_answer_ = SaysError(403, "PermissionDeniedError");
    ASSERT_THAT(Reply(id), Fails("AMBIGUOUS"));
    read_answer_ = {};
    AddParts(60, PlatformNow());
    Restart();
    ASSERT_OK_AND_ASSIGN(const auto again, Reply(id));
    EXPECT_EQ(again.part().id(), 220u);
    // It was not done, which the newest parts alone tell.
    AddParts(60, PlatformNow() - absl::Hours(1));
    fates_ = {kFail};
    const size_t calls = Sent().size();
    EXPECT_THAT(Reply(id + " too"), Fails("UNAVAILABLE"));
    EXPECT_THAT(Sent(), SizeIs(calls + 2));
  }
}

TEST_F(LostAnswerTest, PlatformOfAnotherDayIsLookedThroughForTextsToo) {
  tells_random_ids_ = false;
  for (const absl::Duration ahead : {-absl::Hours(72), absl::Hours(72)}) {
    ahead_ = ahead;
    ASSERT_THAT(Reply(), IsOk());
    Restart();  // So nobody knows whose part that was.
    clock_.AdvanceTime(absl::Hours(1));
    fates_ = {kFail, kLoseAnswer};
    EXPECT_THAT(Reply(), Fails("UNAVAILABLE"));
    ASSERT_OK_AND_ASSIGN(const auto response, Reply());
    EXPECT_EQ(response.part().id(), 100 + parts_.size() - 1);
    clock_.AdvanceTime(absl::Hours(1));
  }
}

// Between the sending and the look, whichever of them comes after a restart.
TEST_F(LostAnswerTest, AClockThatWasSetMeanwhileHidesNothing) {
  for (const bool restarts : {false, true}) {
    for (const absl::Duration by : {-absl::Hours(2), absl::Hours(2)}) {
      const std::string id = absl::StrCat(restarts, absl::FormatDuration(by));
      SCOPED_TRACE(id);
      ASSERT_THAT(Get(), IsOk());  // Tells the platform's clock.
      fates_ = {kLoseAnswer};
      read_answer_ = SaysError(403, "PermissionDeniedError");
      ASSERT_THAT(Reply(id), Fails("AMBIGUOUS"));
      read_answer_ = {};
      const size_t posts = Posts();
      AddParts(60, PlatformNow());
      SetClock(by);
      ahead_ -= by;
      clock_.AdvanceTime(absl::Minutes(5));
      if (restarts) Restart();
      EXPECT_THAT(Reply(id), IsOk());
      EXPECT_EQ(Posts(), posts) << "sent again";
    }
  }
}

// The same within one call: the look comes a second after the sending.
TEST_F(LostAnswerTest, AClockThatIsSetBeforeTheLookHidesNothing) {
  for (const absl::Duration by : {-absl::Hours(2), absl::Hours(2)}) {
    SCOPED_TRACE(absl::FormatDuration(by));
    fates_ = {kLoseAnswer};
    on_lost_ = [this, by] {
      AddParts(60, PlatformNow());
      SetClock(by);
      ahead_ -= by;
    };
    EXPECT_THAT(Reply(), IsOk());
  }
}

// What may still come is not called absent because the clock was set forward.
TEST_F(LostAnswerTest, AClockThatWasSetForwardMakesNothingAbsent) {
  fates_ = {kTimeOutLate};
  on_lost_ = [this] {
    SetClock(absl::Hours(2));
    ahead_ -= absl::Hours(2);
  };
  EXPECT_THAT(Reply("a"), Fails("AMBIGUOUS"));
  on_lost_ = nullptr;
  clock_.AdvanceTime(absl::Seconds(41));
  EXPECT_THAT(Reply("a"), IsOk());
}

// Without a Date in its answers no clock is known: a random id is enough.
TEST_F(LostAnswerTest, PartWithTheRandomIdIsFoundWhateverItsTime) {
  fates_ = {kLoseAnswer};
  read_answer_ = SaysError(403, "PermissionDeniedError");
  ASSERT_THAT(Reply("a"), Fails("AMBIGUOUS"));
  read_answer_ = {};
  parts_.back() = absl::StrCat(
      R"({"id":"300","conversation":"5","type":"reply_admin","body":"Hi",)",
      R"("created":1,"random_id":)", LastRandomId(), "}");
  ASSERT_OK_AND_ASSIGN(const auto again, Reply("a"));
  EXPECT_EQ(again.part().id(), 300u);
}

TEST_F(LostAnswerTest, PartsOfBeforeTheCallEndTheLook) {
  AddParts(120, clock_.Now() - absl::Hours(1));
  fates_ = {kFail};
  EXPECT_THAT(Reply("a"), Fails("UNAVAILABLE"));
  EXPECT_THAT(Sent(), SizeIs(2));
}

TEST_F(LostAnswerTest, PartOfAnEarlierDayWithTheSameRequestIdIsAnotherOnes) {
  ASSERT_THAT(Reply("a"), IsOk());
  Restart();
  clock_.AdvanceTime(absl::Hours(24) + absl::Seconds(1));
  fates_ = {kFail};
  EXPECT_THAT(Reply("a"), Fails("UNAVAILABLE"));
}

TEST_F(LostAnswerTest, ReplyWhoseConnectionWasCutMayStillBeDone) {
  fates_ = {kLoseRequest};
  const auto response = Reply("a");
  EXPECT_THAT(response, Fails("AMBIGUOUS"));
  EXPECT_GT(RetryDelay(response.status()), absl::Seconds(30));
  // The platform had it, and was slow.
  Do(transport_.calls()[0]);
  ASSERT_OK_AND_ASSIGN(const auto again, Reply("a"));
  EXPECT_EQ(again.part().id(), 100u);
  EXPECT_EQ(Posts(), 1u);
}

TEST_F(LostAnswerTest, ReplyThatWasNotDoneFailsAndMayBeRepeated) {
  fates_ = {kFail};
  EXPECT_THAT(Reply("a"), Fails("UNAVAILABLE"));
  EXPECT_EQ(Posts(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto again, Reply("a"));
  EXPECT_EQ(again.part().id(), 100u);
  EXPECT_EQ(Posts(), 2u);
}

TEST_F(LostAnswerTest, WithoutRandomIdsTextAndTimeDecide) {
  tells_random_ids_ = false;
  fates_ = {kAnswer, kLoseAnswer, kFail};
  ASSERT_OK_AND_ASSIGN(const auto first, Reply());
  // The same text again: the first part is the first call's.
  ASSERT_OK_AND_ASSIGN(const auto second, Reply());
  EXPECT_NE(second.part().id(), first.part().id());
  EXPECT_THAT(Reply(), Fails("UNAVAILABLE"));
}

TEST_F(LostAnswerTest, AnotherTextOfThatTimeIsUnclear) {
  tells_random_ids_ = false;
  fates_ = {kLoseAnswer, kFail};
  ASSERT_THAT(Reply("", "Hi"), IsOk());
  parts_.back() = absl::StrCat(
      R"({"id":"500","conversation":"5","type":"reply_admin","body":"<p>Hi</p>",)",
      R"("created":)", absl::ToUnixSeconds(clock_.Now()), "}");
  EXPECT_THAT(Reply("", "Ho"), Fails("AMBIGUOUS"));
  EXPECT_EQ(Posts(), 2u);
}

TEST_F(LostAnswerTest, ReadThatFailsLeavesItAmbiguous) {
  fates_ = {kLoseAnswer};
  read_answer_ = SaysError(403, "PermissionDeniedError");
  const auto response = Reply("a");
  EXPECT_THAT(response, Fails("AMBIGUOUS"));
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kAborted));
  // With the same id it is looked for again, and not sent.
  read_answer_ = {};
  ASSERT_OK_AND_ASSIGN(const auto again, Reply("a"));
  EXPECT_EQ(again.part().id(), 100u);
  EXPECT_EQ(Posts(), 1u);
}

TEST_F(LostAnswerTest, AfterATimeOutItMayStillBeDone) {
  fates_ = {kTimeOutLate};
  const auto response = Reply("a");
  EXPECT_THAT(response, Fails("AMBIGUOUS"));
  EXPECT_GT(RetryDelay(response.status()), absl::Seconds(30));
  EXPECT_THAT(Reply("a"), Fails("AMBIGUOUS"));
  clock_.AdvanceTime(absl::Seconds(40));
  EXPECT_THAT(Reply("a"), IsOk());
  EXPECT_EQ(Posts(), 2u);
}

TEST_F(LostAnswerTest, WhatWasDoneBeforeATimeOutIsFound) {
  fates_ = {kTimeOut};
  EXPECT_THAT(Reply("a"), IsOk());
  EXPECT_EQ(Posts(), 1u);
}

TEST_F(LostAnswerTest, EchoInAWebhookDecidesWithoutARead) {
  fates_ = {kLoseAnswer};
  auto answer = Begin<v1::ReplyToConversationResponse>(ReplyRequest("a"));
  while (Posts() == 0) std::this_thread::yield();
  TellPart(300, 5, LastRandomId());
  ASSERT_OK_AND_ASSIGN(
      const auto response,
      Wait<v1::ReplyToConversationResponse>(std::move(answer)));
  EXPECT_EQ(response.part().id(), 300u);
  EXPECT_THAT(Sent(), SizeIs(1));
}

TEST_F(LostAnswerTest, EchoOfAnotherConversationDecidesNothing) {
  fates_ = {kFail};
  auto answer = Begin<v1::ReplyToConversationResponse>(ReplyRequest("a"));
  while (Posts() == 0) std::this_thread::yield();
  TellPart(300, 6, LastRandomId());
  EXPECT_THAT(Wait<v1::ReplyToConversationResponse>(std::move(answer)),
              Fails("UNAVAILABLE"));
}

// A caller may choose one random id for all it writes. A part with it that is
// told of before this call was sent is none of its own.
TEST_F(LostAnswerTest, EchoBeforeTheSendingDecidesNothing) {
  v1::ReplyToConversationRequest request = ReplyRequest("a");
  request.set_random_id(42);
  budget_.Hold();
  auto answer = Begin<v1::ReplyToConversationResponse>(request);
  while (budget_.asks().empty()) std::this_thread::yield();
  TellPart(300, 5, 42);
  budget_.Release();
  ASSERT_OK_AND_ASSIGN(
      const auto response,
      Wait<v1::ReplyToConversationResponse>(std::move(answer)));
  EXPECT_EQ(response.part().id(), 100u);
  EXPECT_EQ(Posts(), 1u);
}

TEST_F(LostAnswerTest, EchoOfAnotherTextWithAChosenIdDecidesNothing) {
  fates_ = {kFail};
  v1::ReplyToConversationRequest request = ReplyRequest("a", "Ho");
  request.set_random_id(42);
  auto answer = Begin<v1::ReplyToConversationResponse>(request);
  while (Posts() == 0) std::this_thread::yield();
  TellPart(300, 5, 42);
  EXPECT_THAT(Wait<v1::ReplyToConversationResponse>(std::move(answer)),
              Fails("UNAVAILABLE"));
}

TEST_F(LostAnswerTest, EchoOfTheSameTextWithAChosenIdDecides) {
  fates_ = {kFail};
  v1::ReplyToConversationRequest request = ReplyRequest("a");
  request.set_random_id(42);
  auto answer = Begin<v1::ReplyToConversationResponse>(request);
  while (Posts() == 0) std::this_thread::yield();
  TellPart(300, 5, 42);
  ASSERT_OK_AND_ASSIGN(
      const auto response,
      Wait<v1::ReplyToConversationResponse>(std::move(answer)));
  EXPECT_EQ(response.part().id(), 300u);
}

// However the request says that an operator writes, and whatever kind of part
// the platform makes of its `type`.
TEST_F(LostAnswerTest, PartWithTheRandomIdIsFoundWhateverItsKind) {
  int n = 0;
  for (const std::string from_user : {"false", "0", "FALSE", ""}) {
    for (const std::string type : {"", "article"}) {
      for (const bool has_id : {false, true}) {
        SCOPED_TRACE(absl::StrCat(from_user, "/", type, "/", has_id));
        v1::ReplyToConversationRequest request =
            ReplyRequest(has_id ? absl::StrCat(++n) : "");
        request.set_from_user(from_user);
        request.set_type(type);
        fates_ = {kLoseAnswer};
        const size_t posts = Posts();
        EXPECT_THAT(Ask<v1::ReplyToConversationResponse>(request), IsOk());
        if (has_id) {
          EXPECT_THAT(Ask<v1::ReplyToConversationResponse>(request), IsOk());
        }
        EXPECT_EQ(Posts(), posts + 1);
      }
    }
  }
}

TEST_F(LostAnswerTest, WithoutRandomIdsAReplyThatSaysNoToFromUserIsFound) {
  tells_random_ids_ = false;
  fates_ = {kLoseAnswer};
  v1::ReplyToConversationRequest request = ReplyRequest("a");
  request.set_from_user("false");
  EXPECT_THAT(Ask<v1::ReplyToConversationResponse>(request), IsOk());
}

// Its answer would say that somebody else had set it.
TEST_F(LostAnswerTest, PropThatIsSetOnceIsNotSetAgain) {
  fates_ = {kLoseAnswer};
  v1::SetUserPropsRequest request;
  request.set_user_id("77");
  v1::PropOperation& operation = *request.add_operations();
  operation.set_op("set_once");
  operation.set_key("owner");
  operation.mutable_value()->set_string_value("bot-7");
  EXPECT_THAT(Ask<v1::SetUserPropsResponse>(request), Fails("AMBIGUOUS"));
  EXPECT_EQ(Posts(), 1u);
}

TEST_F(LostAnswerTest, EchoAfterwardsAnswersTheRepeatedCall) {
  fates_ = {kTimeOutLate};
  EXPECT_THAT(Reply("a"), Fails("AMBIGUOUS"));
  const size_t calls = Sent().size();
  TellPart(300, 5, LastRandomId());
  ASSERT_OK_AND_ASSIGN(const auto again, Reply("a"));
  EXPECT_EQ(again.part().id(), 300u);
  EXPECT_EQ(again.part().body(), "Hi");
  EXPECT_THAT(Sent(), SizeIs(calls));
}

}  // namespace
}  // namespace chatgate
