// What a repeated `request_id` gets, also after a crash.
#include <string>
#include <thread>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/web_api/losing_platform.h"

namespace chatgate {
namespace {

using RepeatedRequestTest = LostAnswerTest;

TEST_F(RepeatedRequestTest, CrashAfterSendingIsResolvedByReading) {
  transport_.Hold();
  auto lost = Begin<v1::ReplyToConversationResponse>(ReplyRequest("a"));
  while (transport_.calls().empty()) std::this_thread::yield();
  Do(transport_.calls()[0]);
  Restart();  // Nobody hears the answer.
  transport_.set_script([](const RestCall&) { return Lost(true); });
  transport_.Release();
  transport_.set_script([this](const RestCall& call) { return Take(call); });
  ASSERT_OK_AND_ASSIGN(const auto again, Reply("a"));
  EXPECT_EQ(again.part().id(), 100u);
  EXPECT_EQ(Posts(), 1u);
}

TEST_F(RepeatedRequestTest, CrashBeforeAnythingHappenedWaitsForStragglers) {
  transport_.Hold();
  auto lost = Begin<v1::ReplyToConversationResponse>(ReplyRequest("a"));
  while (transport_.calls().empty()) std::this_thread::yield();
  Restart();
  transport_.set_script([](const RestCall&) { return Lost(true); });
  transport_.Release();
  transport_.set_script([this](const RestCall& call) { return Take(call); });
  EXPECT_THAT(Reply("a"), Fails("AMBIGUOUS"));
  clock_.AdvanceTime(absl::Seconds(40));
  EXPECT_THAT(Reply("a"), IsOk());
  EXPECT_EQ(parts_.size(), 1u);
}

TEST_F(RepeatedRequestTest, RepeatedCallGetsTheFirstAnswerAlsoAfterARestart) {
  ASSERT_OK_AND_ASSIGN(const auto first, Reply("a"));
  ASSERT_OK_AND_ASSIGN(const auto second, Reply("a"));
  Restart();
  ASSERT_OK_AND_ASSIGN(const auto third, Reply("a"));
  EXPECT_EQ(second.part().id(), first.part().id());
  EXPECT_EQ(third.part().id(), first.part().id());
  EXPECT_EQ(Posts(), 1u);
  EXPECT_EQ(report_.cost, 0);
}

TEST_F(RepeatedRequestTest, RepeatedIdWithOtherContentIsRefused) {
  ASSERT_THAT(Reply("a"), IsOk());
  const auto reused = Reply("a", "Ho");
  EXPECT_THAT(reused, Fails("REQUEST_ID_REUSED"));
  ASSERT_EQ(FieldViolations(reused.status()).size(), 1u);
  EXPECT_EQ(FieldViolations(reused.status())[0].field, "request_id");
  transport_.Hold();
  auto running = Begin<v1::ReplyToConversationResponse>(ReplyRequest("b"));
  const auto meanwhile = Reply("b", "Ho");
  EXPECT_THAT(meanwhile, Fails("REQUEST_ID_REUSED"));
  EXPECT_EQ(FieldViolations(meanwhile.status()).size(), 1u);
  while (transport_.calls().size() < 2) std::this_thread::yield();
  transport_.Release();
  EXPECT_THAT(Wait<v1::ReplyToConversationResponse>(std::move(running)),
              IsOk());
}

TEST_F(RepeatedRequestTest, RequestIdIsForgottenAfterADay) {
  ASSERT_THAT(Reply("a"), IsOk());
  clock_.AdvanceTime(absl::Hours(24) + absl::Seconds(1));
  ASSERT_THAT(Reply("a"), IsOk());
  EXPECT_EQ(Posts(), 2u);
}

TEST_F(RepeatedRequestTest, FailedCallIsNotRemembered) {
  transport_.set_script(
      [](const RestCall&) { return SaysError(400, "ReplyTooBig"); });
  EXPECT_THAT(Reply("a"), Fails("ReplyTooBig"));
  transport_.set_script([this](const RestCall& call) { return Take(call); });
  EXPECT_THAT(Reply("a", "Ho"), IsOk());
}

TEST_F(RepeatedRequestTest, SecondCallWaitsForTheFirst) {
  transport_.Hold();
  auto first = Begin<v1::ReplyToConversationResponse>(ReplyRequest("a"));
  auto second = Begin<v1::ReplyToConversationResponse>(ReplyRequest("a"));
  while (transport_.calls().empty()) std::this_thread::yield();
  transport_.Release();
  ASSERT_OK_AND_ASSIGN(const auto one,
                       Wait<v1::ReplyToConversationResponse>(std::move(first)));
  ASSERT_OK_AND_ASSIGN(
      const auto two, Wait<v1::ReplyToConversationResponse>(std::move(second)));
  EXPECT_EQ(one.part().id(), two.part().id());
  EXPECT_EQ(Posts(), 1u);
}

}  // namespace
}  // namespace chatgate
