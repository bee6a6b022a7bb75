#include "server/budget/budget_gauges.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

prometheus::Gauge& Gauge(const std::string& name, const std::string& help,
                         uint64_t app_id, prometheus::Registry& registry) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(
      {{"app", absl::StrCat(app_id)}});
}

}  // namespace

BudgetGauges::BudgetGauges(uint64_t app_id, prometheus::Registry& registry)
    : limit_(Gauge("chatgate_budget_limit",
                   "Requests that the configuration allows in 60 seconds",
                   app_id, registry)),
      limit_now_(Gauge("chatgate_budget_limit_now",
                       "Requests that are allowed now, less after a 429",
                       app_id, registry)),
      used_(Gauge("chatgate_budget_used",
                  "Requests that count now against the limit", app_id,
                  registry)),
      waiting_(Gauge("chatgate_budget_waiting",
                     "Calls that wait for the budget", app_id, registry)),
      too_many_(prometheus::BuildCounter()
                    .Name("chatgate_budget_too_many_requests_total")
                    .Help("Answers 429 of the platform")
                    .Register(registry)
                    .Add({{"app", absl::StrCat(app_id)}})) {}

void BudgetGauges::Show(const v1::Budget& budget) {
  limit_.Set(static_cast<double>(budget.limit()));
  limit_now_.Set(static_cast<double>(budget.limit_now()));
  used_.Set(static_cast<double>(budget.used()));
  int64_t waiting = 0;
  for (const v1::BudgetQueue& queue : budget.queues()) {
    waiting += queue.waiting();
  }
  waiting_.Set(static_cast<double>(waiting));
  too_many_.Increment(static_cast<double>(budget.too_many_requests()) -
                      too_many_.Value());
}

}  // namespace chatgate
