#include "server/platform/record_checks.h"

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/record_times.h"

namespace chatgate::platform {

namespace {

constexpr int kPresenceMax = 2;

}  // namespace

absl::Status CheckRecordTime(const std::string& field,
                             const google::protobuf::Timestamp& time) {
  if (IsRecordTime(time)) return absl::OkStatus();
  return InvalidField(field, "is not from 1970 to 9999");
}

absl::Status CheckUserRecord(const std::string& field,
                             const v1::UserRecord& user) {
  if (!user.has_create_time()) {
    return InvalidField(absl::StrCat(field, ".create_time"), "is required");
  }
  RETURN_IF_ERROR(
      CheckRecordTime(absl::StrCat(field, ".create_time"), user.create_time()));
  RETURN_IF_ERROR(CheckRecordTime(absl::StrCat(field, ".last_seen_time"),
                                  user.last_seen_time()));
  RETURN_IF_ERROR(CheckRecordTime(absl::StrCat(field, ".last_reply_time"),
                                  user.last_reply_time()));
  RETURN_IF_ERROR(CheckRecordTime(absl::StrCat(field, ".last_contacted_time"),
                                  user.last_contacted_time()));
  RETURN_IF_ERROR(
      CheckRecordTime(absl::StrCat(field, ".signal_time"), user.signal_time()));
  RETURN_IF_ERROR(CheckRecordTime(absl::StrCat(field, ".active_since_time"),
                                  user.active_since_time()));
  if (user.presence() < 0 || user.presence() > kPresenceMax) {
    return InvalidField(absl::StrCat(field, ".presence"), "is not from 0 to 2");
  }
  return absl::OkStatus();
}

}  // namespace chatgate::platform
