#ifndef CHATGATE_SERVER_SHARED_APPS_H_
#define CHATGATE_SERVER_SHARED_APPS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "server/backend/backend.h"
#include "server/backend/method_table.h"
#include "server/call_sharing/call_sharing.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/upstream_apps.h"

namespace chatgate {

// SharedApps puts call sharing before the backend of each app on a Web API.
//
// Lifetime: outlives the log, whose participants are here. What calls the
//           backends ends before `upstream`, and that before this.
class SharedApps {
 public:
  // Before the log's first append.
  static absl::StatusOr<std::unique_ptr<SharedApps>> Create(
      const std::set<uint64_t>& app_ids, const UpstreamApps& upstream,
      SqliteEventLog& log);

  // Of an app on a Web API; null for another one.
  Backend* FindBackend(uint64_t app_id) const;

 private:
  explicit SharedApps(MethodTable methods) : methods_(std::move(methods)) {}

  const MethodTable methods_;
  std::map<uint64_t, std::unique_ptr<CallSharing>> apps_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SHARED_APPS_H_
