#include "server/web_api/web_api_backend.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/web_api/backend_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPart[] = R"({"id":"9","conversation":"5","body":"Hi"})";

// Answers one after the other, the last one for ever.
FakeTransport::Script InTurn(std::vector<TransportAnswer> answers) {
  auto next = std::make_shared<size_t>(0);
  return [answers = std::move(answers), next](const RestCall&) {
    return answers[std::min((*next)++, answers.size() - 1)];
  };
}

TEST_F(WebApiBackendTest, ReadIsOneRequestAndIsReported) {
  transport_.set_script(InTurn({SaysOk(R"({"id":"5","closed":true})")}));
  ASSERT_OK_AND_ASSIGN(const auto response, Get());
  EXPECT_EQ(response.conversation().id(), 5u);
  EXPECT_TRUE(response.conversation().closed());
  EXPECT_THAT(Sent(), ElementsAre("GET conversations/5"));
  EXPECT_EQ(report_.cost, 1);
  EXPECT_EQ(report_.queued, absl::Milliseconds(7));
  EXPECT_EQ(report_.served_from, "upstream");
  EXPECT_EQ(budget_.ends().answered, 1);
}

TEST_F(WebApiBackendTest, BudgetIsAskedInTheNameOfTheCaller) {
  transport_.set_script(InTurn({SaysOk(kPart)}));
  CallContext context{kApp, "billing"};
  context.deadline = clock_.Now() + absl::Hours(1);
  ASSERT_THAT(Ask<v1::ReplyToConversationResponse>(ReplyRequest(), context),
              IsOk());
  ASSERT_THAT(budget_.asks(), SizeIs(1));
  const BudgetAsk ask = budget_.asks()[0];
  EXPECT_EQ(ask.priority, v1::REPLY);
  EXPECT_EQ(ask.caller, "billing");
  EXPECT_EQ(ask.method, "ReplyToConversation");
  EXPECT_EQ(ask.deadline, context.deadline);
}

TEST_F(WebApiBackendTest, RefusalOfTheBudgetSendsNothing) {
  budget_.Refuse(MakeError("TooManyRequests", "no slot before the deadline"));
  EXPECT_THAT(Reply("a"), Fails("TooManyRequests"));
  EXPECT_THAT(Sent(), IsEmpty());
  EXPECT_EQ(report_.cost, 0);
}

TEST_F(WebApiBackendTest, PlatformsErrorKeepsItsWords) {
  transport_.set_script(InTurn({SaysError(400, "LookupError")}));
  const auto response = Get();
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kNotFound, "why"));
  EXPECT_EQ(report_.cost, 1);
}

TEST_F(WebApiBackendTest, ReadIsSentAgainAfterLostAnswersAndServerErrors) {
  transport_.set_script(
      InTurn({Lost(true), Says(503, "<html>"), SaysOk(R"({"id":"5"})")}));
  EXPECT_THAT(Get(), IsOk());
  EXPECT_EQ(report_.cost, 3);
  EXPECT_EQ(budget_.ends().lost, 1);
  EXPECT_EQ(budget_.ends().answered, 2);
}

TEST_F(WebApiBackendTest, ReadIsGivenUpAfterSomeAttempts) {
  transport_.set_script(InTurn({Lost(true)}));
  const auto response = Get();
  EXPECT_THAT(response, Fails("UNAVAILABLE"));
  EXPECT_GT(RetryDelay(response.status()), absl::ZeroDuration());
  EXPECT_THAT(Sent(), SizeIs(3));
}

TEST_F(WebApiBackendTest, RetriesStayInsideTheDeadline) {
  transport_.set_script(InTurn({Lost(true)}));
  CallContext context{kApp, "tests"};
  context.deadline = clock_.Now() + absl::Milliseconds(50);
  v1::GetConversationRequest request;
  request.set_conversation_id(5);
  EXPECT_THAT(Ask<v1::GetConversationResponse>(request, context),
              Fails("UNAVAILABLE"));
  EXPECT_THAT(Sent(), SizeIs(1));
}

TEST_F(WebApiBackendTest, IdempotentChangeIsSentAgain) {
  transport_.set_script(InTurn({Lost(true), SaysOk("{}")}));
  v1::CloseConversationRequest request;
  request.set_conversation_id(5);
  EXPECT_THAT(Ask<v1::CloseConversationResponse>(request), IsOk());
  EXPECT_THAT(Sent(), SizeIs(2));
}

TEST_F(WebApiBackendTest, PropsAreSentAgainUnlessTheyGrow) {
  v1::SetUserPropsRequest request;
  request.set_user_id("1");
  v1::PropOperation& operation = *request.add_operations();
  operation.set_op("update_or_create");
  operation.set_key("a");
  transport_.set_script(InTurn({Lost(true), SaysOk("{}")}));
  EXPECT_THAT(Ask<v1::SetUserPropsResponse>(request), IsOk());
  EXPECT_THAT(Sent(), SizeIs(2));

  operation.set_op("add");
  transport_.set_script(InTurn({Lost(true)}));
  EXPECT_THAT(Ask<v1::SetUserPropsResponse>(request), Fails("AMBIGUOUS"));
  EXPECT_THAT(Sent(), SizeIs(3));
}

// Older platforms refuse to add a tag twice. The second attempt may say so of
// what the first has done.
TEST_F(WebApiBackendTest, TagThatIsThereAlreadyIsAdded) {
  transport_.set_script(
      InTurn({Lost(true), SaysError(400, "ConversationTagAlreadyAssigned")}));
  v1::TagConversationRequest request;
  request.set_conversation_id(5);
  request.set_action("add");
  request.set_tag("vip");
  EXPECT_THAT(Ask<v1::TagConversationResponse>(request), IsOk());
  EXPECT_THAT(Sent(), SizeIs(2));
  request.set_action("delete");
  transport_.set_script(
      InTurn({SaysError(400, "ConversationTagIsNotAssigned")}));
  EXPECT_THAT(Ask<v1::TagConversationResponse>(request), IsOk());
}

TEST_F(WebApiBackendTest, ALargerPageThanThePlatformHasIsAskedForAsItsLargest) {
  transport_.set_script(InTurn({SaysOk("[]")}));
  v1::ListConversationsRequest request;
  for (const int size : {50, 51, 1000}) {
    request.set_page_size(size);
    EXPECT_THAT(Ask<v1::ListConversationsResponse>(request), IsOk());
    EXPECT_EQ(Argument(transport_.calls().back(), "count"), "50") << size;
  }
}

// The platform promises none of these.
TEST_F(WebApiBackendTest, FiltersAreSentWithTheirDefaults) {
  transport_.set_script(InTurn({SaysOk(R"({"users": [], "total": 0})")}));
  v1::ListUsersRequest request;
  v1::UserFilter& recent = *request.mutable_filters()->add_filters();
  recent.set_type("daysless");
  recent.set_property_name("$last_seen");
  recent.mutable_value()->mutable_value()->set_number_value(7);
  v1::UserFilter& known = *request.mutable_filters()->add_filters();
  known.set_type("known");
  known.set_property_name("$email");
  EXPECT_THAT(Ask<v1::ListUsersResponse>(request), IsOk());
  EXPECT_EQ(
      Argument(transport_.calls().back(), "filters"),
      R"({"type": "and", "filters": [{"type": "daysless", )"
      R"("property_name": "$last_seen", "value": {"value": 7, "unit": "days"}}, )"
      R"({"type": "known", "property_name": "$email", "value": {}}]})");
}

TEST_F(WebApiBackendTest, ChangeThatWasNotSentIsSentAgain) {
  transport_.set_script(InTurn({Lost(false), SaysOk(kPart)}));
  ASSERT_OK_AND_ASSIGN(const auto response, Reply("a"));
  EXPECT_EQ(response.part().id(), 9u);
  EXPECT_THAT(Sent(), SizeIs(2));
  EXPECT_EQ(report_.cost, 1);
  EXPECT_EQ(budget_.ends().not_sent, 1);
}

TEST_F(WebApiBackendTest, TooManyIsToldToTheBudgetAndSentAgain) {
  TransportAnswer too_many = SaysError(429, "TooManyRequests");
  too_many.retry_after = absl::Seconds(17);
  transport_.set_script(InTurn({too_many, SaysOk(kPart)}));
  EXPECT_THAT(Reply("a"), IsOk());
  EXPECT_EQ(budget_.ends().too_many, 1);
  EXPECT_EQ(budget_.ends().retry_after, absl::Seconds(17));
}

TEST_F(WebApiBackendTest, TooManyForEverEndsWithARetryDelay) {
  transport_.set_script(InTurn({SaysError(429, "TooManyRequests")}));
  const auto response = Get();
  EXPECT_THAT(response, Fails("TooManyRequests"));
  EXPECT_GT(RetryDelay(response.status()), absl::ZeroDuration());
  EXPECT_THAT(Sent(), SizeIs(11));
}

TEST_F(WebApiBackendTest, StrangeAnswersAreErrors) {
  for (const char* body : {"", "<html>busy</html>", "[1,2]", "{\"meta\":",
                           "{\"meta\":{\"status\":200},\"data\":\"tex"}) {
    OpenBackend();  // Without its breaker's memory.
    transport_.set_script(InTurn({Says(200, body)}));
    EXPECT_THAT(Get(), Fails("Error500")) << body;
  }
}

TEST_F(WebApiBackendTest, ManyFailuresStopRequestsForAWhile) {
  transport_.set_script(InTurn({Lost(false)}));
  EXPECT_THAT(Get(), Fails("UNAVAILABLE"));
  const auto stopped = Get();
  EXPECT_THAT(stopped, Fails("PLATFORM_DOWN"));
  EXPECT_GT(RetryDelay(stopped.status()), absl::ZeroDuration());
  EXPECT_THAT(Sent(), SizeIs(5));
  EXPECT_THAT(backend_->Health(), Fails("PLATFORM_DOWN"));

  clock_.AdvanceTime(absl::Seconds(2));
  transport_.set_script(InTurn({SaysOk(R"({"id":"5"})")}));
  EXPECT_THAT(Get(), IsOk());
  EXPECT_THAT(backend_->Health(), IsOk());
}

TEST_F(WebApiBackendTest, ImpatientCallersDoNotMakeThePlatformDown) {
  transport_.set_script(
      InTurn({Lost(true, absl::DeadlineExceededError("no answer in time"))}));
  v1::GetConversationRequest request;
  request.set_conversation_id(5);
  for (int i = 0; i < 10; ++i) {
    CallContext context{kApp, "tests"};
    context.deadline = clock_.Now() + absl::Milliseconds(50);
    EXPECT_THAT(Ask<v1::GetConversationResponse>(request, context),
                Fails("UNAVAILABLE"));
  }
  EXPECT_THAT(backend_->Health(), IsOk());
  // Those who wait as long as is sensible do.
  EXPECT_THAT(Get(), Fails("UNAVAILABLE"));
  EXPECT_THAT(Get(), Fails("PLATFORM_DOWN"));
}

TEST_F(WebApiBackendTest, RefusedKeyStopsAllRequests) {
  transport_.set_script(InTurn({SaysError(401, "NotAuthenticated")}));
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Get(), Fails("NotAuthenticated"));
  EXPECT_THAT(Get(), Fails("KEY_REFUSED"));
  EXPECT_THAT(Reply("a"), Fails("KEY_REFUSED"));
  EXPECT_THAT(Sent(), SizeIs(3));
  EXPECT_THAT(backend_->Health(), Fails("KEY_REFUSED"));
  EXPECT_EQ(report_.cost, 0);
}

TEST_F(WebApiBackendTest, ValidationAloneSendsNothingAndTellsThePrice) {
  v1::ReplyToConversationRequest request = ReplyRequest();
  request.set_validate_only(true);
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Ask<v1::ReplyToConversationResponse>(request));
  EXPECT_EQ(response.ByteSizeLong(), 0u);
  EXPECT_EQ(report_.cost, 1);
  request.clear_body();
  EXPECT_THAT(Ask<v1::ReplyToConversationResponse>(request),
              Fails("ValidationError"));
  EXPECT_THAT(Sent(), IsEmpty());
}

TEST_F(WebApiBackendTest, WrongArgumentsCostNothing) {
  v1::ReplyToConversationRequest no_id = ReplyRequest();
  no_id.clear_conversation_id();
  EXPECT_THAT(Ask<v1::ReplyToConversationResponse>(no_id),
              Fails("ValidationError"));
  v1::ListConversationsRequest negative;
  negative.set_page_size(-1);
  EXPECT_THAT(Ask<v1::ListConversationsResponse>(negative),
              Fails("ValidationError"));
  EXPECT_THAT(Reply(std::string(129, 'x')), Fails("ValidationError"));
  EXPECT_THAT(Sent(), IsEmpty());
  EXPECT_THAT(budget_.asks(), IsEmpty());
}

TEST_F(WebApiBackendTest, AnotherAppIsDenied) {
  EXPECT_THAT(
      Ask<v1::ListChannelsResponse>(v1::ListChannelsRequest(), {888, "tests"}),
      Fails("PermissionDeniedError"));
}

TEST_F(WebApiBackendTest, CloseAnswersWhatIsUnderWay) {
  transport_.Hold();
  auto held = Begin<v1::ReplyToConversationResponse>(ReplyRequest());
  backend_->Close();
  EXPECT_THAT(held.get(), Fails("STOPPING"));
  EXPECT_THAT(Get(), Fails("STOPPING"));
  transport_.set_script(InTurn({SaysOk(kPart)}));
  transport_.Release();
}

// Otherwise a flood of short calls with long deadlines would pile up.
TEST_F(WebApiBackendTest, AnsweredCallsLeaveNothingInTheTimer) {
  CallContext context{kApp, "tests"};
  context.deadline = clock_.Now() + absl::Hours(1);
  transport_.set_script(InTurn({SaysOk(kPart)}));
  ASSERT_THAT(Ask<v1::ReplyToConversationResponse>(ReplyRequest(), context),
              IsOk());
  budget_.Refuse(MakeError("TooManyRequests", "no slot before the deadline"));
  EXPECT_THAT(Ask<v1::ReplyToConversationResponse>(ReplyRequest(), context),
              Fails("TooManyRequests"));
  EXPECT_EQ(timer_.waiting(), 0u);
}

TEST_F(WebApiBackendTest, DeadlineAnswersTheCallerAndTheResultIsStillKept) {
  transport_.set_script(InTurn({SaysOk(kPart)}));
  transport_.Hold();
  CallContext context{kApp, "tests"};
  context.deadline = clock_.Now() + absl::Seconds(1);
  auto late =
      Begin<v1::ReplyToConversationResponse>(ReplyRequest("a"), context);
  while (transport_.calls().empty()) std::this_thread::yield();
  timer_.RunNext();
  EXPECT_THAT(late.get(), Fails("DEADLINE_EXCEEDED"));
  transport_.Release();
  ASSERT_OK_AND_ASSIGN(const auto again, Reply("a"));
  EXPECT_EQ(again.part().id(), 9u);
  EXPECT_THAT(Sent(), SizeIs(1));
}

TEST_F(WebApiBackendTest, RequestOfNoMethodIsNotServed) {
  v1::ListEventsRequest request;
  EXPECT_THAT(Ask<v1::ListEventsResponse>(request), Fails("METHOD_NOT_SERVED"));
}

}  // namespace
}  // namespace chatgate
