#include "server/platform/platform_snapshots.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/event_log/event_tables.h"
#include "server/platform/conversation_row.h"
#include "server/platform/conversation_view.h"

namespace chatgate {
namespace {

using platform::App;
using platform::ConversationRow;
using platform::ReadContext;

// Along the index of open conversations; the ids are sorted in memory, eight
// bytes each.
constexpr char kListOpen[] =
    "SELECT id FROM platform_conversations"
    " WHERE app = ? AND closed = 0 AND listed = 1 ORDER BY id";

absl::StatusOr<std::vector<uint64_t>> OpenConversations(Connection& connection,
                                                        const App& app) {
  ASSIGN_OR_RETURN(Statement select, connection.Prepare(kListOpen));
  select.Bind(0, app.sql_id());
  std::vector<uint64_t> ids;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return ids;
    ids.push_back(IdFromSql(select.Int(0)));
  }
}

}  // namespace

PlatformSnapshots::PlatformSnapshots(Store& store, const Clock& clock,
                                     std::string folder,
                                     const std::vector<v1::AppConfig>& apps,
                                     const SnapshotLimits& limits)
    : store_(store),
      clock_(clock),
      folder_(std::move(folder)),
      limits_(limits) {
  // Showing a conversation takes no more of an app than its id.
  for (const v1::AppConfig& app : apps) {
    if (app.has_embedded()) apps_[app.id()].id = app.id();
  }
}

bool PlatformSnapshots::HasSnapshot(const std::set<uint64_t>& app_ids) const {
  if (app_ids.empty()) return !apps_.empty();
  for (const uint64_t id : app_ids) {
    if (apps_.contains(id)) return true;
  }
  return false;
}

absl::StatusOr<std::unique_ptr<SnapshotFile>> PlatformSnapshots::TakeSnapshot(
    const SnapshotRequest& request) {
  std::unique_ptr<SnapshotFile> file;
  RETURN_IF_ERROR(store_.Read([&](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(const EventLogState state, ReadState(connection));
    ASSIGN_OR_RETURN(file, SnapshotFile::Create(folder_, state.head, limits_));
    return Fill(connection, request, *file);
  }));
  RETURN_IF_ERROR(file->EndFilling());
  return file;
}

absl::Status PlatformSnapshots::Fill(Connection& connection,
                                     const SnapshotRequest& request,
                                     SnapshotFile& file) const {
  for (const auto& [id, app] : apps_) {
    if (!request.app_ids.empty() && !request.app_ids.contains(id)) continue;
    RETURN_IF_ERROR(AddApp(connection, app, request, file));
  }
  return absl::OkStatus();
}

absl::Status PlatformSnapshots::AddApp(Connection& connection, const App& app,
                                       const SnapshotRequest& request,
                                       SnapshotFile& file) const {
  const ReadContext context{connection, app, clock_.Now(), platform_limits_};
  ASSIGN_OR_RETURN(const std::vector<uint64_t> ids,
                   OpenConversations(connection, app));
  for (const uint64_t id : ids) {
    if (request.given_up && request.given_up()) {
      return absl::CancelledError("nobody waits for the snapshot");
    }
    ASSIGN_OR_RETURN(const ConversationRow row,
                     platform::FindConversation(context, id));
    if (!request.wanted(absl::StrCat("dashly:", id),
                        row.lead_id == 0 ? "" : absl::StrCat(row.lead_id))) {
      continue;
    }
    ASSIGN_OR_RETURN(const v1::Conversation conversation,
                     platform::ViewConversationAndUser(context, row));
    RETURN_IF_ERROR(file.Add(conversation));
  }
  return absl::OkStatus();
}

}  // namespace chatgate
