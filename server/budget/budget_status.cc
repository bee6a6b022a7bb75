#include "server/budget/budget_status.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"

namespace chatgate {
namespace {

constexpr absl::Duration kRetryDelay = absl::Seconds(1);

}  // namespace

absl::Status RefusedByBudget(const SlotScheduler::Refusal& refusal,
                             uint64_t app_id, int64_t limit) {
  const std::string rule =
      absl::StrCat(limit, " requests of the app in any 60 seconds");
  const std::string why =
      refusal.line_full ? "too many calls wait for the budget"
                        : "the budget is used up beyond the call's deadline";
  return WithQuotaFailure(
      WithRetryDelay(
          MakeError("TooManyRequests", absl::StrCat(why, ": ", rule)),
          refusal.start_in),
      absl::StrCat("app:", app_id), rule);
}

absl::Status SlotNotWritten(const absl::Status& why) {
  if (absl::IsResourceExhausted(why)) {
    return WithRetryDelay(MakeError("OVERLOADED", why.message()), kRetryDelay);
  }
  return MakeError("STORAGE_REFUSES_WRITES", why.message());
}

absl::Status BudgetClosing() {
  return WithRetryDelay(MakeError("STOPPING", "the gateway is stopping"),
                        kRetryDelay);
}

}  // namespace chatgate
