#include "server/budget/budgets.h"

#include <algorithm>
#include <utility>

#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/budget/budget_table.h"

namespace chatgate {
namespace {

constexpr int kRowsDefault = 200;
constexpr int kRowsMax = 1000;
constexpr absl::Duration kSpendingDefault = absl::Hours(24);
constexpr int64_t kSecondsMax = 253'402'300'799;  // The end of the year 9999.

}  // namespace

Budgets::Budgets(Store& store, const Clock& clock,
                 std::map<uint64_t, FairBudget*> by_app)
    : store_(store), clock_(clock), by_app_(std::move(by_app)) {}

absl::StatusOr<FairBudget*> Budgets::Choose(const AppIds& app_ids,
                                            uint64_t app_id) const {
  const auto may_use = [&](uint64_t id) {
    return app_ids.empty() || app_ids.contains(id);
  };
  if (app_id != 0) {
    if (!may_use(app_id)) {
      return MakeError("APP_NOT_ALLOWED", "the app is not the caller's");
    }
    const auto found = by_app_.find(app_id);
    if (found != by_app_.end()) return found->second;
    return MakeError("FAILED_PRECONDITION",
                     "the app has no budget: it is not reached over the Web "
                     "API");
  }
  FairBudget* only = nullptr;
  for (const auto& [id, budget] : by_app_) {
    if (!may_use(id)) continue;
    if (only != nullptr) {
      return FieldError("APP_REQUIRED", "app_id",
                        "several apps have a budget: set `app_id`");
    }
    only = budget;
  }
  if (only != nullptr) return only;
  return MakeError("FAILED_PRECONDITION",
                   "no app that the caller may use has a budget");
}

absl::Status Budgets::Get(const AppIds& app_ids, uint64_t app_id,
                          v1::Budget* budget) {
  ASSIGN_OR_RETURN(const FairBudget* chosen, Choose(app_ids, app_id));
  *budget = chosen->Snapshot();
  return absl::OkStatus();
}

void Budgets::ListSpending(const AppIds& app_ids,
                           const v1::ListSpendingRequest& request,
                           v1::ListSpendingResponse* response, Done done) {
  const absl::StatusOr<FairBudget*> chosen = Choose(app_ids, request.app_id());
  if (!chosen.ok()) return done(chosen.status());
  if (request.page_size() < 0) {
    return done(InvalidField("page_size", "must not be negative"));
  }
  const int64_t seconds = request.start_time().seconds();
  const int32_t nanos = request.start_time().nanos();
  if (seconds < -kSecondsMax || seconds > kSecondsMax || nanos < 0 ||
      nanos >= 1'000'000'000) {
    return done(InvalidField("start_time", "is no time"));
  }
  const int rows_max = request.page_size() == 0
                           ? kRowsDefault
                           : std::min(request.page_size(), kRowsMax);
  const absl::Time start =
      request.has_start_time()
          ? absl::FromUnixSeconds(seconds) + absl::Nanoseconds(nanos)
          : clock_.Now() - kSpendingDefault;
  store_.SubmitRead(
      [app_id = (*chosen)->app_id(), start, rows_max,
       token = request.page_token(), response,
       done = std::move(done)](const absl::StatusOr<Connection*>& connection) {
        done(connection.ok()
                 ? budget_table::ListSpending(**connection, app_id, start,
                                              rows_max, token, response)
                 : connection.status());
      });
}

}  // namespace chatgate
