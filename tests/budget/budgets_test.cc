#include "server/budget/budgets.h"

#include <future>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/backend/error_table.h"
#include "server/budget/budget_gauges.h"
#include "server/budget/budget_table.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

class BudgetsTest : public ::testing::Test {
 protected:
  BudgetsTest() {
    StoreOptions options;
    options.path = dir_.File("chatgate.db");
    options.reader_threads = 1;
    store_ = *Store::Open(options, {budget_table::BudgetSchema()});
    for (const uint64_t app_id : {777, 888}) {
      FairBudgetOptions budget;
      budget.app_id = app_id;
      owned_.push_back(*FairBudget::Open(*store_, clock_, budget));
    }
    budgets_ = std::make_unique<Budgets>(
        *store_, clock_,
        std::map<uint64_t, FairBudget*>{{777, owned_[0].get()},
                                        {888, owned_[1].get()}});
  }

  std::string Refusal(const BudgetOperations::AppIds& app_ids,
                      uint64_t app_id) {
    v1::Budget budget;
    return ErrorName(budgets_->Get(app_ids, app_id, &budget));
  }
  absl::Status List(const v1::ListSpendingRequest& request,
                    v1::ListSpendingResponse* response) {
    std::promise<absl::Status> done;
    budgets_->ListSpending({777}, request, response, [&](absl::Status status) {
      done.set_value(std::move(status));
    });
    return done.get_future().get();
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  std::vector<std::unique_ptr<FairBudget>> owned_;
  std::unique_ptr<Budgets> budgets_;
};

TEST_F(BudgetsTest, AnAppMayBeLeftOutWhereThereIsOne) {
  v1::Budget budget;
  EXPECT_THAT(budgets_->Get({777}, 0, &budget), IsOk());
  EXPECT_EQ(budget.app_id(), 777u);
  EXPECT_EQ(budget.limit(), 60);
  EXPECT_EQ(Refusal({}, 0), "APP_REQUIRED");
  const absl::Status refused = budgets_->Get({}, 0, &budget);
  ASSERT_EQ(FieldViolations(refused).size(), 1u);
  EXPECT_EQ(FieldViolations(refused)[0].field, "app_id");
}

TEST_F(BudgetsTest, AnAppWithoutBudgetIsAPreconditionThatFailed) {
  EXPECT_EQ(Refusal({}, 999), "FAILED_PRECONDITION");
  EXPECT_EQ(Refusal({999}, 0), "FAILED_PRECONDITION");
}

TEST_F(BudgetsTest, AnAppOfOthersIsRefused) {
  EXPECT_EQ(Refusal({777}, 888), "APP_NOT_ALLOWED");
}

TEST_F(BudgetsTest, SpendingIsThatOfTheLastDayUnlessTold) {
  const auto spend = [&](absl::Time when) {
    return store_->Write([&](Transaction& transaction) {
      return budget_table::AddSpending(transaction, 777, {"a", "GetUser", 1, 2},
                                       when);
    });
  };
  EXPECT_THAT(spend(clock_.Now()), IsOk());
  EXPECT_THAT(spend(clock_.Now() - absl::Hours(30)), IsOk());
  v1::ListSpendingRequest request;
  v1::ListSpendingResponse response;
  EXPECT_THAT(List(request, &response), IsOk());
  ASSERT_EQ(response.spending_size(), 1);
  EXPECT_EQ(response.spending(0).saved(), 2);
  request.mutable_start_time()->set_seconds(1);
  response.Clear();
  EXPECT_THAT(List(request, &response), IsOk());
  EXPECT_EQ(response.spending_size(), 2);
}

TEST_F(BudgetsTest, ANegativePageSizeIsRefused) {
  v1::ListSpendingRequest request;
  request.set_page_size(-1);
  v1::ListSpendingResponse response;
  EXPECT_THAT(List(request, &response),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "page_size: must not be negative"));
}

TEST_F(BudgetsTest, ATimeThatIsNoneIsRefused) {
  for (const int64_t seconds : {INT64_MAX, INT64_MIN}) {
    v1::ListSpendingRequest request;
    request.set_app_id(777);
    request.mutable_start_time()->set_seconds(seconds);
    v1::ListSpendingResponse response;
    EXPECT_THAT(List(request, &response),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_F(BudgetsTest, TheGaugesFollow) {
  prometheus::Registry registry;
  BudgetGauges gauges(777, registry);
  v1::Budget budget;
  budget.set_limit(60);
  budget.set_used(7);
  budget.set_too_many_requests(2);
  budget.add_queues()->set_waiting(3);
  budget.add_queues()->set_waiting(4);
  gauges.Show(budget);
  gauges.Show(budget);
  double waiting = 0;
  double too_many = 0;
  for (const auto& family : registry.Collect()) {
    if (family.name == "chatgate_budget_waiting") {
      waiting = family.metric[0].gauge.value;
    }
    if (family.name == "chatgate_budget_too_many_requests_total") {
      too_many = family.metric[0].counter.value;
    }
  }
  EXPECT_EQ(waiting, 7);
  EXPECT_EQ(too_many, 2);
}

TEST_F(BudgetsTest, TheObserverIsToldAtOnce) {
  std::promise<v1::Budget> told;
  FairBudgetOptions options;
  options.app_id = 999;
  options.observer = [&, first = true](const v1::Budget& budget) mutable {
    if (std::exchange(first, false)) told.set_value(budget);
  };
  const auto budget = *FairBudget::Open(*store_, clock_, options);
  EXPECT_EQ(told.get_future().get().app_id(), 999u);
}

}  // namespace
}  // namespace chatgate
