#ifndef CHATGATE_SERVER_UPSTREAM_APPS_H_
#define CHATGATE_SERVER_UPSTREAM_APPS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/config.pb.h"
#include "prometheus/registry.h"
#include "server/backend/backend.h"
#include "server/store/store.h"
#include "server/web_api/echo_watch.h"

namespace chatgate {

class FairBudget;

// UpstreamApps has what belongs to the apps on a Web API: for each its
// connections, its budget and its backend.
//
// Metrics: chatgate_platform_up{app}: 0 while the platform fails, or refuses
//          the app's token.
// Lifetime: closed before, and ended after, what calls the backends; the store
//           and `echoes` outlive it.
class UpstreamApps {
 public:
  // Their tables.
  static std::vector<Schema> Schemas();
  static std::set<uint64_t> IdsOf(const v1::Config& config);

  // INVALID_ARGUMENT: the app, and what of it cannot be used.
  static absl::StatusOr<std::unique_ptr<UpstreamApps>> Open(
      const v1::Config& config, Store& store, EchoWatch& echoes,
      prometheus::Registry& metrics);

  virtual ~UpstreamApps() = default;

  // Of an app on a Web API; null for another one.
  virtual Backend* FindBackend(uint64_t app_id) const = 0;
  virtual std::map<uint64_t, FairBudget*> budgets() const = 0;

  // Refuses new calls, gives those that run `grace`, and answers the rest.
  virtual void Close(absl::Duration grace) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_UPSTREAM_APPS_H_
