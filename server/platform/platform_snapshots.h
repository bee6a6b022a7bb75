#ifndef CHATGATE_SERVER_PLATFORM_PLATFORM_SNAPSHOTS_H_
#define CHATGATE_SERVER_PLATFORM_PLATFORM_SNAPSHOTS_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "chatgate/v1/config.pb.h"
#include "server/backend/snapshot_source.h"
#include "server/base/clock.h"
#include "server/platform/context.h"
#include "server/store/store.h"

namespace chatgate {

// The open conversations of the embedded apps: those that the inbox shows and
// nobody has closed, each as GetConversation answers it, app by app in the
// order of their ids.
//
// Consistency: the conversations and the log's head are read in one
//              transaction, and every change is one transaction with its
//              events: what the snapshot holds is what the events up to its seq
//              made, no more and no less.
// Threads:     any.
class PlatformSnapshots final : public SnapshotSource {
 public:
  // `folder` holds the files while they are read. The store has both the
  // platform's tables and the log's; it and the clock outlive this.
  PlatformSnapshots(Store& store, const Clock& clock, std::string folder,
                    const std::vector<v1::AppConfig>& apps,
                    const SnapshotLimits& limits = {});

  bool HasSnapshot(const std::set<uint64_t>& app_ids) const override;
  absl::StatusOr<std::unique_ptr<SnapshotFile>> TakeSnapshot(
      const SnapshotRequest& request) override;

 private:
  absl::Status Fill(Connection& connection, const SnapshotRequest& request,
                    SnapshotFile& file) const;
  absl::Status AddApp(Connection& connection, const platform::App& app,
                      const SnapshotRequest& request, SnapshotFile& file) const;

  Store& store_;
  const Clock& clock_;
  const std::string folder_;
  const SnapshotLimits limits_;
  const PlatformLimits platform_limits_;
  std::map<uint64_t, platform::App> apps_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_PLATFORM_PLATFORM_SNAPSHOTS_H_
