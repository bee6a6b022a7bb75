#ifndef CHATGATE_SERVER_BACKEND_SNAPSHOT_SOURCE_H_
#define CHATGATE_SERVER_BACKEND_SNAPSHOT_SOURCE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "server/backend/snapshot_file.h"

namespace chatgate {

// What a snapshot is asked for.
struct SnapshotRequest {
  std::set<uint64_t> app_ids = {};  // Empty: every app that has snapshots.
  // Which conversations, by their name in events (`dashly:ID`) and the id of
  // their lead, `` where it is not known.
  std::function<bool(const std::string& conversation,
                     const std::string& user_id)>
      wanted = {};
  // Asked now and then; true: nobody waits for it any more. May be null.
  std::function<bool()> given_up = {};
};

// A platform that can tell all its open conversations as of one position of the
// event log.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;

  // False where none of the apps has snapshots.
  virtual bool HasSnapshot(const std::set<uint64_t>& app_ids) const = 0;

  // Reads the open conversations and the position in one short transaction,
  // into a file: what comes after it holds nothing of the database. Blocks, so
  // never on a gRPC queue's thread. FAILED_PRECONDITION: they are too large.
  // UNAVAILABLE: the file cannot be written. CANCELLED: it was given up.
  virtual absl::StatusOr<std::unique_ptr<SnapshotFile>> TakeSnapshot(
      const SnapshotRequest& request) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BACKEND_SNAPSHOT_SOURCE_H_
