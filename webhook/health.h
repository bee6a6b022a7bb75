#ifndef CHATGATE_WEBHOOK_HEALTH_H_
#define CHATGATE_WEBHOOK_HEALTH_H_

#include <functional>

#include "absl/status/status.h"
#include "prometheus/registry.h"
#include "webhook/route_table.h"

namespace chatgate {

// Adds what operators and their tools ask for:
//
//   GET /healthz  200 while the process can answer
//   GET /readyz   200 while `readiness` is OK, else 503 with its message
//   GET /metrics  the registry in Prometheus' text form
//
// `readiness` is called on connection threads, many at once, and must not
// block. The routes refer to `registry`.
void AddHealthRoutes(std::function<absl::Status()> readiness,
                     prometheus::Registry& registry, RouteTable* routes);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_HEALTH_H_
