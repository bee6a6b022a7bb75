#ifndef CHATGATE_SERVER_PLATFORM_USER_VIEW_H_
#define CHATGATE_SERVER_PLATFORM_USER_VIEW_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chatgate/v1/resources.pb.h"
#include "server/platform/context.h"
#include "server/platform/user_row.h"

// A person as the API shows them.
namespace chatgate::platform {

// Which parts of a User to fill.
struct UserSections {
  bool props = true;
  bool props_custom = false;
  bool props_events = false;
  bool presence_details = false;
  bool events = false;
  bool email_status = false;
  bool convert_props_types = true;  // False: values as text.
};

absl::StatusOr<v1::User> ViewUser(const ReadContext& context,
                                  const UserRow& user,
                                  const UserSections& sections = {});

// Signals may be so much newer than the clock says: changes that come faster
// than it goes run ahead (ChangeClock). What is newer still is of before the
// clock was set back, and none.
inline constexpr absl::Duration kSignalAheadMax = absl::Seconds(1);

// `online`, `idle` or `offline`: without a signal for two minutes a person is
// offline.
std::string PresenceOf(const ReadContext& context, const UserRow& user);

// Every property by key, the ones that the platform keeps itself included.
using Props = std::map<std::string, google::protobuf::Value>;
absl::StatusOr<Props> ReadProps(const ReadContext& context,
                                const UserRow& user);

// The properties that the platform keeps itself: `$last_seen`, `$last_reply`,
// `$last_contacted`, `$user_id`. Null value: the person has none.
bool IsKeptProp(absl::string_view key);
google::protobuf::Value KeptProp(const UserRow& user, absl::string_view key);

// One property of a lead, kept ones included; null where the lead has none.
absl::StatusOr<google::protobuf::Value> ReadProp(const ReadContext& context,
                                                 const UserRow& user,
                                                 const std::string& key);

// A property's value as text, as `convert_props_types=false` shows it.
std::string PropText(const google::protobuf::Value& value);

// Microseconds as `YYYY-MM-DDTHH:MM:SS`, UTC: the platform's datetime.
std::string PropTime(int64_t micros);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_USER_VIEW_H_
