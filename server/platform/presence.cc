#include <algorithm>

#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/methods.h"
#include "server/platform/sql.h"
#include "server/platform/user_row.h"
#include "server/platform/user_view.h"

namespace chatgate::platform {

namespace {

constexpr size_t kSessionChars = 32;

// The first version of the API requires a session, the second does not list it:
// it may be left out, and has no effect beyond its check.
absl::Status CheckSession(const std::string& session) {
  const bool well_formed =
      session.size() == kSessionChars &&
      std::all_of(session.begin(), session.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      });
  if (session.empty() || well_formed) return absl::OkStatus();
  return InvalidField("session", "must be 32 characters of a-z and 0-9");
}

}  // namespace

absl::Status SetUserPresence(WriteContext& context,
                             const v1::SetUserPresenceRequest& request,
                             v1::SetUserPresenceResponse* response) {
  static_cast<void>(response);  // Has no fields.
  const bool online = request.presence() == "online";
  if (!online && request.presence() != "idle") {
    return InvalidField("presence",
                        "must be `online` or `idle`; a lead without a signal "
                        "for two minutes is offline");
  }
  RETURN_IF_ERROR(CheckSession(request.session()));
  ASSIGN_OR_RETURN(const UserRow user,
                   FindUser(context, request.user_id(), false));

  const int64_t now = absl::ToUnixMicros(context.now);
  const bool was_there = PresenceOf(context, user) != "offline";
  ASSIGN_OR_RETURN(Statement set, context.Prepare(kSetPresence));
  set.Bind(0, int64_t{online ? 1 : 2});
  set.Bind(1, now);
  set.Bind(2, was_there ? user.active_since : now);
  set.Bind(3, now);
  set.Bind(4, user.row);
  return set.Run();
}

}  // namespace chatgate::platform
