#ifndef CHATGATE_SERVER_PLATFORM_USER_ROW_H_
#define CHATGATE_SERVER_PLATFORM_USER_ROW_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/platform/context.h"

namespace chatgate::platform {

// A person as stored.
struct UserRow {
  int64_t row = 0;
  uint64_t id = 0;
  std::optional<std::string> site_id;
  int64_t created = 0;  // Times are microseconds since 1970, 0 for never.
  int64_t last_seen = 0;
  int64_t last_reply = 0;
  int64_t last_contacted = 0;
  int64_t presence = 0;  // 1 online, 2 idle, as of `signal`.
  int64_t signal = 0;
  int64_t active_since = 0;
};

// The columns of a statement that selects CHATGATE_USER_COLUMNS.
UserRow ReadUserRow(const Statement& select);

// By `user_id` of a request: the internal id, or the site's own with
// `by_user_id`. ValidationError: it is missing or no id. LookupError: unknown.
// PermissionDeniedError: an id of another app.
absl::StatusOr<UserRow> FindUser(const ReadContext& context,
                                 absl::string_view user_id, bool by_user_id);

// The same for methods that create the person behind an unknown site id.
absl::StatusOr<UserRow> FindOrCreateUser(WriteContext& context,
                                         absl::string_view user_id,
                                         bool by_user_id);

// By internal id, empty where the app has none of that id.
absl::StatusOr<std::optional<UserRow>> FindUserById(const ReadContext& context,
                                                    uint64_t id);

absl::StatusOr<UserRow> FindUserByRow(const ReadContext& context, int64_t row);

absl::StatusOr<std::optional<UserRow>> FindUserBySiteId(
    const ReadContext& context, absl::string_view site_id);

absl::StatusOr<UserRow> CreateUser(WriteContext& context, uint64_t id,
                                   std::optional<std::string> site_id);

// The person has written, or was written to.
absl::Status TouchUserReply(WriteContext& context, int64_t row);
absl::Status TouchUserContacted(WriteContext& context, int64_t row);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_USER_ROW_H_
