// What was spent, and by whom.
#include <string>
#include <vector>

#include "tests/budget/fair_budget_fixture.h"

namespace chatgate {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(FairBudgetTest, SpendingIsRecordedByCallerAndMethod) {
  auto slots = TakeBoth();
  ASSERT_THAT(Spending().spending(), SizeIs(1));
  EXPECT_EQ(Spending().spending(0).caller(), "billing");
  EXPECT_EQ(Spending().spending(0).method(), "Method");
  EXPECT_EQ(Spending().spending(0).requests(), 2);
  slots[0]->NotSent();
  Flush();
  EXPECT_EQ(Spending().spending(0).requests(), 1);
}

TEST_F(FairBudgetTest, WhatWasNotSentIsTakenFromTheHourThatHasPaidForIt) {
  auto slots = TakeBoth();
  Advance(absl::Hours(1));
  slots[0]->NotSent();
  Flush();
  ASSERT_THAT(Spending().spending(), SizeIs(1));
  EXPECT_EQ(Spending().spending(0).requests(), 1);
}

TEST_F(FairBudgetTest, SavedCallsAreRecordedWhenTheBudgetEnds) {
  budget_->RecordSaved("billing", "GetUser");
  budget_->RecordSaved("billing", "GetUser");
  budget_.reset();
  Flush();
  ASSERT_THAT(Spending().spending(), SizeIs(1));
  EXPECT_EQ(Spending().spending(0).saved(), 2);
  EXPECT_EQ(Spending().spending(0).requests(), 0);
}

TEST_F(FairBudgetTest, SpendingIsListedInPages) {
  for (int hour = 0; hour < 5; ++hour) {
    EXPECT_THAT(store_->Write([&](Transaction& transaction) {
      return budget_table::AddSpending(transaction, 777,
                                       {"a/b", "GetUser", hour + 1, 0},
                                       clock_.Now() + absl::Hours(hour));
    }),
                IsOk());
  }
  std::vector<int64_t> requests;
  std::string token;
  do {
    const v1::ListSpendingResponse page = Spending(2, token);
    for (const auto& row : page.spending()) requests.push_back(row.requests());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(requests, ::testing::ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(FairBudgetTest, SpendingIsKeptForThirtyDays) {
  EXPECT_THAT(store_->Write([&](Transaction& transaction) {
    return budget_table::AddSpending(transaction, 777, {"a", "GetUser", 1, 0},
                                     clock_.Now());
  }),
              IsOk());
  const auto delete_old = [&] {
    EXPECT_THAT(store_->Write([&](Transaction& transaction) {
      return budget_table::DeleteOldSpending(transaction, 777, clock_.Now());
    }),
                IsOk());
  };
  clock_.AdvanceTime(absl::Hours(30 * 24));
  delete_old();
  EXPECT_THAT(Spending().spending(), SizeIs(1));
  clock_.AdvanceTime(absl::Hours(1));
  delete_old();
  EXPECT_THAT(Spending().spending(), IsEmpty());
}

TEST_F(FairBudgetTest, ForeignPageTokensAreRefused) {
  v1::ListSpendingResponse response;
  for (const char* token : {"x", "1/2", "a/b/c"}) {
    EXPECT_THAT(store_->Read([&](Connection& connection) {
      return budget_table::ListSpending(connection, 777, absl::UnixEpoch(), 10,
                                        token, &response);
    }),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

// Thousands of grants and answers leave no more rows than slots.
TEST_F(FairBudgetTest, TheTableStaysSmall) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_OK_AND_ASSIGN(auto slot, Acquire(v1::BULK));
    slot->Answered();
    Advance(kSlotHold);
  }
  Flush();
  int64_t rows = 0;
  EXPECT_THAT(store_->Read([&](Connection& connection) -> absl::Status {
    auto count = connection.Prepare("SELECT COUNT(*) FROM budget_slots");
    EXPECT_THAT(count->Step(), IsOkAndHolds(true));
    rows = count->Int(0);
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_LE(rows, 3);
}

}  // namespace
}  // namespace chatgate
