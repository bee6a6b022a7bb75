// What becomes of a change whose answer was lost, and of a repeated one.
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
#include "tests/web_api/backend_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// A platform with one conversation, 5, that loses answers as told.
class LostAnswerTest : public WebApiBackendTest {
 protected:
  enum Fate { kAnswer, kLoseAnswer, kLoseRequest, kTimeOut, kTimeOutLate };

  LostAnswerTest() {
    transport_.set_script([this](const RestCall& call) { return Take(call); });
  }

  TransportAnswer Take(const RestCall& call) {
    if (call.verb == v1::GET) return TakeRead(call);
    const Fate fate = fates_.empty() ? kAnswer : fates_.front();
    if (!fates_.empty()) fates_.erase(fates_.begin());
    std::string answer = "{}";
    if (fate != kLoseRequest && fate != kTimeOutLate) answer = Do(call);
    switch (fate) {
      case kAnswer:
        return SaysOk(answer);
      case kLoseAnswer:
      case kLoseRequest:
        return Lost(true);
      case kTimeOut:
      case kTimeOutLate:
        break;
    }
    return Lost(true, absl::DeadlineExceededError("no answer in time"));
  }

  // Writes the part that a call makes.
  std::string Do(const RestCall& call) {
    const uint64_t id = 100 + parts_.size();
    const std::string random_id = Argument(call, "random_id");
    parts_.push_back(absl::StrCat(
        R"({"id":")", id, R"(","conversation":"5","type":")", type_,
        R"(","body":")", Argument(call, "body"), R"(","created":)",
        absl::ToUnixSeconds(clock_.Now()), R"(,"random_id":)",
        tells_random_ids_ && !random_id.empty() ? random_id : "0", "}"));
    if (absl::EndsWith(call.path, "/reply")) return parts_.back();
    if (absl::EndsWith(call.path, "/sendmessage")) {
      return R"({"conversation":"5","message":"6"})";
    }
    return R"({"id":"5"})";
  }

  TransportAnswer TakeRead(const RestCall& call) {
    if (!read_answer_.body.empty()) return read_answer_;
    if (absl::EndsWith(call.path, "/parts")) {
      std::string list;
      for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
        absl::StrAppend(&list, list.empty() ? "" : ",", *part);
      }
      return SaysOk(absl::StrCat("[", list, "]"));
    }
    if (absl::EndsWith(call.path, "/conversations")) {
      if (parts_.empty()) return SaysOk("[]");
      return SaysOk(absl::StrCat(
          R"([{"id":"5","created":)", absl::ToUnixSeconds(clock_.Now()),
          R"(,"message":)", message_, R"(,"parts_count":)", parts_.size(),
          R"(,"part_last":)", parts_.back(), "}]"));
    }
    return SaysOk(R"({"id":"77"})");  // The lead.
  }

  size_t Posts() const {
    const std::vector<std::string> sent = Sent();
    return static_cast<size_t>(
        std::count_if(sent.begin(), sent.end(), [](const std::string& call) {
          return absl::StartsWith(call, "POST");
        }));
  }
  uint32_t LastRandomId() const {
    uint32_t id = 0;
    for (const RestCall& call : transport_.calls()) {
      if (call.verb == v1::POST) {
        EXPECT_TRUE(absl::SimpleAtoi(Argument(call, "random_id"), &id));
      }
    }
    return id;
  }

  std::vector<Fate> fates_;
  std::vector<std::string> parts_;
  std::string type_ = "reply_admin";
  std::string message_ = "null";
  bool tells_random_ids_ = true;
  TransportAnswer read_answer_;  // Of every read, where its body is set.
};

TEST_F(LostAnswerTest, ReplyCarriesARandomIdOfItsRequestId) {
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

TEST_F(LostAnswerTest, ReplyThatWasNotDoneFailsAndMayBeRepeated) {
  fates_ = {kLoseRequest};
  EXPECT_THAT(Reply("a"), Fails("UNAVAILABLE"));
  EXPECT_EQ(Posts(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto again, Reply("a"));
  EXPECT_EQ(again.part().id(), 100u);
  EXPECT_EQ(Posts(), 2u);
}

TEST_F(LostAnswerTest, WithoutRandomIdsTextAndTimeDecide) {
  tells_random_ids_ = false;
  fates_ = {kAnswer, kLoseAnswer, kLoseRequest};
  ASSERT_OK_AND_ASSIGN(const auto first, Reply());
  // The same text again: the first part is the first call's.
  ASSERT_OK_AND_ASSIGN(const auto second, Reply());
  EXPECT_NE(second.part().id(), first.part().id());
  EXPECT_THAT(Reply(), Fails("UNAVAILABLE"));
}

TEST_F(LostAnswerTest, AnotherTextOfThatTimeIsUnclear) {
  tells_random_ids_ = false;
  fates_ = {kLoseAnswer, kLoseRequest};
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
  fates_ = {kLoseRequest};
  auto answer = Begin<v1::ReplyToConversationResponse>(ReplyRequest("a"));
  while (Posts() == 0) std::this_thread::yield();
  TellPart(300, 6, LastRandomId());
  EXPECT_THAT(Wait<v1::ReplyToConversationResponse>(std::move(answer)),
              Fails("UNAVAILABLE"));
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

TEST_F(LostAnswerTest, CrashAfterSendingIsResolvedByReading) {
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

TEST_F(LostAnswerTest, CrashBeforeAnythingHappenedWaitsForStragglers) {
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

TEST_F(LostAnswerTest, RepeatedCallGetsTheFirstAnswerAlsoAfterARestart) {
  ASSERT_OK_AND_ASSIGN(const auto first, Reply("a"));
  ASSERT_OK_AND_ASSIGN(const auto second, Reply("a"));
  Restart();
  ASSERT_OK_AND_ASSIGN(const auto third, Reply("a"));
  EXPECT_EQ(second.part().id(), first.part().id());
  EXPECT_EQ(third.part().id(), first.part().id());
  EXPECT_EQ(Posts(), 1u);
  EXPECT_EQ(report_.cost, 0);
}

TEST_F(LostAnswerTest, RepeatedIdWithOtherContentIsRefused) {
  ASSERT_THAT(Reply("a"), IsOk());
  EXPECT_THAT(Reply("a", "Ho"), Fails("REQUEST_ID_REUSED"));
  transport_.Hold();
  auto running = Begin<v1::ReplyToConversationResponse>(ReplyRequest("b"));
  EXPECT_THAT(Reply("b", "Ho"), Fails("REQUEST_ID_REUSED"));
  while (transport_.calls().size() < 2) std::this_thread::yield();
  transport_.Release();
  EXPECT_THAT(Wait<v1::ReplyToConversationResponse>(std::move(running)),
              IsOk());
}

TEST_F(LostAnswerTest, RequestIdIsForgottenAfterADay) {
  ASSERT_THAT(Reply("a"), IsOk());
  clock_.AdvanceTime(absl::Hours(24) + absl::Seconds(1));
  ASSERT_THAT(Reply("a"), IsOk());
  EXPECT_EQ(Posts(), 2u);
}

TEST_F(LostAnswerTest, FailedCallIsNotRemembered) {
  transport_.set_script(
      [](const RestCall&) { return SaysError(400, "ReplyTooBig"); });
  EXPECT_THAT(Reply("a"), Fails("ReplyTooBig"));
  transport_.set_script([this](const RestCall& call) { return Take(call); });
  EXPECT_THAT(Reply("a", "Ho"), IsOk());
}

TEST_F(LostAnswerTest, SecondCallWaitsForTheFirst) {
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

TEST_F(LostAnswerTest, StartedConversationIsFoundByItsFirstPart) {
  type_ = "reply_user";
  fates_ = {kLoseAnswer};
  v1::StartConversationRequest request;
  request.set_user_id("visitor");
  request.set_by_user_id(true);
  request.set_body("Hello");
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Ask<v1::StartConversationResponse>(request));
  EXPECT_EQ(response.id(), 5u);
  EXPECT_THAT(Sent(),
              ElementsAre("POST users/visitor/startconversation",
                          "GET users/visitor", "GET users/77/conversations"));
}

TEST_F(LostAnswerTest, ConversationThatWasNotStartedFails) {
  fates_ = {kLoseRequest};
  v1::StartConversationRequest request;
  request.set_user_id("77");
  request.set_body("Hello");
  EXPECT_THAT(Ask<v1::StartConversationResponse>(request),
              Fails("UNAVAILABLE"));
}

TEST_F(LostAnswerTest, SentMessageIsFoundByItsText) {
  message_ = "6";
  fates_ = {kLoseAnswer};
  v1::SendMessageRequest request;
  request.set_user_id("77");
  request.set_body("Sale");
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Ask<v1::SendMessageResponse>(request));
  EXPECT_EQ(response.conversation(), 5u);
  EXPECT_EQ(response.message(), 6u);
}

TEST_F(LostAnswerTest, TrackedEventLeavesNothingToLookFor) {
  fates_ = {kLoseAnswer};
  v1::TrackUserEventRequest request;
  request.set_user_id("77");
  request.set_event("Bought");
  request.set_request_id("a");
  EXPECT_THAT(Ask<v1::TrackUserEventResponse>(request), Fails("AMBIGUOUS"));
  EXPECT_THAT(Ask<v1::TrackUserEventResponse>(request), Fails("AMBIGUOUS"));
  EXPECT_EQ(Posts(), 1u);
}

}  // namespace
}  // namespace chatgate
