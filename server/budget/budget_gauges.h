#ifndef CHATGATE_SERVER_BUDGET_BUDGET_GAUGES_H_
#define CHATGATE_SERVER_BUDGET_BUDGET_GAUGES_H_

#include <cstdint>

#include "chatgate/v1/operations.pb.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace chatgate {

// A budget as metrics: `chatgate_budget_limit`, `_limit_now`, `_used`,
// `_waiting` and `_too_many_requests_total`, with the label `app`.
//
// Threads: any, one at a time. Lifetime: the registry outlives it.
class BudgetGauges {
 public:
  BudgetGauges(uint64_t app_id, prometheus::Registry& registry);

  void Show(const v1::Budget& budget);

 private:
  prometheus::Gauge& limit_;
  prometheus::Gauge& limit_now_;
  prometheus::Gauge& used_;
  prometheus::Gauge& waiting_;
  prometheus::Counter& too_many_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BUDGET_BUDGET_GAUGES_H_
