#include "server/outbox/outbox_operations.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/status_macros.h"
#include "tests/outbox/outbox_fixture.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OutboxOperationsTest : public OutboxFixture {
 protected:
  absl::StatusOr<v1::ListWebhookDeliveriesResponse> List(
      const v1::ListWebhookDeliveriesRequest& request,
      const WebhookOperations::AppIds& app_ids = {}) {
    v1::ListWebhookDeliveriesResponse response;
    RETURN_IF_ERROR(WaitForDone([&](WebhookOperations::Done done) {
      outbox_->operations().ListDeliveries(app_ids, request, &response,
                                           std::move(done));
    }));
    return response;
  }

  std::vector<uint64_t> SubjectsOf(
      const v1::ListWebhookDeliveriesResponse& page) {
    std::vector<uint64_t> subjects;
    for (const auto& delivery : page.deliveries()) {
      subjects.push_back(delivery.subject_id());
    }
    return subjects;
  }

  // Parts 1 to `count`, each of its own conversation, given up.
  void Fail(int count) {
    poster_->AnswerWith("a.example", [](const std::string&) {
      return absl::StatusOr<int>(500);
    });
    std::vector<v1::Event> events;
    for (int i = 1; i <= count; ++i) events.push_back(MessageEvent(i, i));
    Append(events);
    Start();
    WaitForFailures(count);
    Advance(absl::Hours(24));
    WaitUntilNothingIsPending();
    poster_->AnswerWith("a.example", nullptr);
  }
};

TEST_F(OutboxOperationsTest, TellsHowATargetStands) {
  app_.webhooks[0].add_event_names("order");
  Open();
  Append(MessageEvent(1, 11));
  clock_.AdvanceTime(absl::Seconds(90));
  Append(MessageEvent(1, 12));
  const v1::WebhookTargetStatus target = Target();
  EXPECT_EQ(target.app_id(), kApp);
  EXPECT_EQ(target.url(), "https://a.example/...");
  EXPECT_THAT(target.event_names(), ElementsAre("order"));
  EXPECT_EQ(target.pending(), 2);
  EXPECT_EQ(target.oldest_pending_age_ms(), 90'000);
  EXPECT_GT(target.bytes(), 0);
}

TEST_F(OutboxOperationsTest, ListsPageByPage) {
  Open();
  for (int i = 1; i <= 5; ++i) Append(MessageEvent(i, i));
  v1::ListWebhookDeliveriesRequest request;
  request.set_page_size(2);
  std::vector<uint64_t> subjects;
  int pages = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, List(request));
    EXPECT_LE(page.deliveries_size(), 2);
    for (const uint64_t subject : SubjectsOf(page)) subjects.push_back(subject);
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_THAT(subjects, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(pages, 3);
}

TEST_F(OutboxOperationsTest, AFullLastPageHasNoNext) {
  Open();
  Append({MessageEvent(1, 1), MessageEvent(2, 2)});
  v1::ListWebhookDeliveriesRequest request;
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(const auto page, List(request));
  EXPECT_THAT(page.next_page_token(), IsEmpty());
}

TEST_F(OutboxOperationsTest, ListsByTargetAndState) {
  AddTarget("b.example");
  Open();
  Fail(2);
  poster_->AnswerWith(
      "a.example", [](const std::string&) { return absl::StatusOr<int>(500); });
  Append(MessageEvent(3, 3));
  WaitForFailures(5);
  WaitUntilNothingIsPending(1);
  v1::ListWebhookDeliveriesRequest request;
  ASSERT_OK_AND_ASSIGN(auto page, List(request));
  EXPECT_THAT(SubjectsOf(page), ElementsAre(1, 2, 3));
  request.set_state(v1::WEBHOOK_DELIVERY_STATE_FAILED);
  ASSERT_OK_AND_ASSIGN(page, List(request));
  EXPECT_THAT(SubjectsOf(page), ElementsAre(1, 2));
  request.set_target_id(Target(0).id());
  request.set_state(v1::WEBHOOK_DELIVERY_STATE_PENDING);
  ASSERT_OK_AND_ASSIGN(page, List(request));
  EXPECT_THAT(SubjectsOf(page), ElementsAre(3));
  request.set_target_id(Target(1).id());
  ASSERT_OK_AND_ASSIGN(page, List(request));
  EXPECT_THAT(SubjectsOf(page), IsEmpty());
}

TEST_F(OutboxOperationsTest, OnlyTheFirstOfALaneHasANextAttempt) {
  Open();
  Append({MessageEvent(1, 1), MessageEvent(1, 2)});
  ASSERT_OK_AND_ASSIGN(const auto page, List({}));
  ASSERT_EQ(page.deliveries_size(), 2);
  EXPECT_TRUE(page.deliveries(0).has_next_attempt_time());
  EXPECT_FALSE(page.deliveries(1).has_next_attempt_time());
}

TEST_F(OutboxOperationsTest, ACallerBoundToOtherAppsSeesNothing) {
  Open();
  Append(MessageEvent(1, 1));
  ASSERT_OK_AND_ASSIGN(auto page, List({}, {kApp + 1}));
  EXPECT_THAT(SubjectsOf(page), IsEmpty());
  v1::ListWebhookDeliveriesRequest request;
  request.set_target_id(Target().id());
  ASSERT_OK_AND_ASSIGN(page, List(request, {kApp + 1}));
  EXPECT_THAT(SubjectsOf(page), IsEmpty());
  v1::ListWebhookTargetsResponse targets;
  ASSERT_THAT(WaitForDone([&](WebhookOperations::Done done) {
                outbox_->operations().ListTargets({kApp + 1}, {}, &targets,
                                                  std::move(done));
              }),
              IsOk());
  EXPECT_THAT(targets.targets(), IsEmpty());
}

TEST_F(OutboxOperationsTest, RefusesWrongPages) {
  Open();
  v1::ListWebhookDeliveriesRequest request;
  request.set_page_size(-1);
  EXPECT_THAT(List(request), StatusIs(absl::StatusCode::kInvalidArgument,
                                      "page_size: must not be negative"));
  request.set_page_size(0);
  for (const char* token : {"x", "-1", " 1", "99999999999999999999"}) {
    request.set_page_token(token);
    EXPECT_THAT(List(request), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_F(OutboxOperationsTest, ResendsByIdForAnother24Hours) {
  Open();
  Fail(2);
  v1::ResendWebhookDeliveryRequest request;
  request.add_delivery_ids(Deliveries()[1].id());
  request.add_delivery_ids(999);  // Is not there.
  EXPECT_THAT(Resend(request), IsOkAndHolds(1));
  WaitForTarget([](const auto& target) { return target.delivered() == 1; });
  EXPECT_EQ(Target().failed(), 1);
  EXPECT_EQ(Deliveries()[0].subject_id(), 1);
  // A second time it is not failed any more.
  EXPECT_THAT(Resend(request), IsOkAndHolds(0));
}

TEST_F(OutboxOperationsTest, ResendsEverythingOfATarget) {
  Open();
  constexpr int kMoreThanABatch = 501;
  Fail(kMoreThanABatch);
  ASSERT_EQ(Target().failed(), kMoreThanABatch);
  v1::ResendWebhookDeliveryRequest request;
  request.set_target_id(Target().id());
  EXPECT_THAT(Resend(request), IsOkAndHolds(kMoreThanABatch));
  WaitUntilNothingIsPending();
  EXPECT_EQ(Target().delivered(), kMoreThanABatch);
  EXPECT_EQ(Target().failed(), 0);
}

TEST_F(OutboxOperationsTest, ResendsWhatThereIsRoomFor) {
  options_.limits.pending_max = 2;
  Open();
  Fail(2);
  poster_->AnswerWith(
      "a.example", [](const std::string&) { return absl::StatusOr<int>(500); });
  const uint64_t target_id = Target().id();
  Append(MessageEvent(9, 9));
  v1::ResendWebhookDeliveryRequest request;
  request.set_target_id(target_id);
  EXPECT_THAT(Resend(request), IsOkAndHolds(1));
  EXPECT_THAT(Resend(request), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(Target().failed(), 1);
  EXPECT_EQ(Target().pending(), 2);
}

TEST_F(OutboxOperationsTest, ResendsNothingOfOtherApps) {
  Open();
  Fail(1);
  v1::ResendWebhookDeliveryRequest request;
  request.add_delivery_ids(Deliveries()[0].id());
  EXPECT_THAT(Resend(request, {kApp + 1}), IsOkAndHolds(0));
  request.clear_delivery_ids();
  request.set_target_id(Target().id());
  EXPECT_THAT(Resend(request, {kApp + 1}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(Target().failed(), 1);
}

TEST_F(OutboxOperationsTest, RefusesAResendOfNothingBothOrTooMany) {
  Open();
  v1::ResendWebhookDeliveryRequest request;
  EXPECT_THAT(Resend(request), StatusIs(absl::StatusCode::kInvalidArgument));
  request.set_target_id(1);
  request.add_delivery_ids(1);
  EXPECT_THAT(Resend(request), StatusIs(absl::StatusCode::kInvalidArgument));
  request.clear_target_id();
  for (int i = 0; i < 999; ++i) request.add_delivery_ids(1);
  EXPECT_THAT(Resend(request), IsOkAndHolds(0));
  request.add_delivery_ids(1);
  EXPECT_THAT(Resend(request), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace chatgate
