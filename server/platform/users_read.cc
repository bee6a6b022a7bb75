#include <utility>
#include <vector>

#include "server/base/status_macros.h"
#include "server/platform/methods.h"
#include "server/platform/sql.h"
#include "server/platform/user_row.h"
#include "server/platform/user_view.h"

namespace chatgate::platform {

absl::Status GetUser(const ReadContext& context,
                     const v1::GetUserRequest& request,
                     v1::GetUserResponse* response) {
  // An unknown id of the site is a LookupError: the pages of the vendor
  // disagree, and a read that creates would hide a mistyped id.
  ASSIGN_OR_RETURN(const UserRow user,
                   FindUser(context, request.user_id(), request.by_user_id()));
  UserSections sections;
  if (request.has_props()) sections.props = request.props();
  sections.props_custom = request.props_custom();
  sections.props_events = request.props_events();
  sections.presence_details = request.presence_details();
  sections.events = request.events();
  sections.email_status = request.email_status();
  if (request.has_convert_props_types())
    sections.convert_props_types = request.convert_props_types();
  // Segments, notes and tags of leads, and their time zones, come from the
  // panel and the script of the vendor; here they are always empty.
  ASSIGN_OR_RETURN(*response->mutable_user(),
                   ViewUser(context, user, sections));
  return absl::OkStatus();
}

absl::Status ListActiveUsers(const ReadContext& context,
                             const v1::ListActiveUsersRequest& request,
                             v1::ListActiveUsersResponse* response) {
  static_cast<void>(request);  // Has no argument but the app.
  std::vector<UserRow> users;
  {
    ASSIGN_OR_RETURN(Statement select, context.Prepare(kListOnlineUsers));
    select.Bind(0, context.app.sql_id());
    select.Bind(
        1, absl::ToUnixMicros(context.now - context.limits.presence_lasts));
    select.Bind(2, absl::ToUnixMicros(context.now + kSignalAheadMax));
    select.Bind(3, static_cast<int64_t>(context.limits.active_users_max));
    while (true) {
      ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) break;
      users.push_back(ReadUserRow(select));
    }
  }
  UserSections sections;
  sections.props = false;
  sections.presence_details = true;
  size_t bytes = 0;
  for (const UserRow& user : users) {
    ASSIGN_OR_RETURN(v1::User view, ViewUser(context, user, sections));
    // The short form: `id`, `presence`, `presence_details`.
    view.clear_app();
    view.clear_user_id();
    bytes += view.ByteSizeLong();
    if (bytes > context.limits.page_bytes_max) break;
    *response->add_users() = std::move(view);
  }
  return absl::OkStatus();
}

}  // namespace chatgate::platform
