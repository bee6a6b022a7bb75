#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/backend/arguments.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/platform/arguments.h"
#include "server/platform/event_types.h"
#include "server/platform/events.h"
#include "server/platform/ids.h"
#include "server/platform/methods.h"
#include "server/platform/page_token.h"
#include "server/platform/prop_values.h"
#include "server/platform/sql.h"
#include "server/platform/user_row.h"
#include "server/platform/user_view.h"

namespace chatgate::platform {

namespace {

constexpr int64_t kYear10000 = 253'402'300'800;  // No timestamp goes so far.

// JSON levels, as over REST. One is three of protobuf's, of which readers of
// the event take 100: one that is deeper would end every stream that reaches
// it.
constexpr int kParamsDepthMax = 20;

bool IsTooDeep(const google::protobuf::Struct& object, int left);

bool IsTooDeep(const google::protobuf::Value& value, int left) {
  if (value.has_struct_value())
    return IsTooDeep(value.struct_value(), left - 1);
  if (!value.has_list_value()) return false;
  if (left <= 1) return true;
  for (const google::protobuf::Value& item : value.list_value().values()) {
    if (IsTooDeep(item, left - 1)) return true;
  }
  return false;
}

bool IsTooDeep(const google::protobuf::Struct& object, int left) {
  if (left <= 0) return true;
  for (const auto& [key, value] : object.fields()) {
    if (IsTooDeep(value, left)) return true;
  }
  return false;
}

// Values of the API's types are held to its limits. Nested objects are in none
// of the types, and are kept as they come: unknown in the facts.
absl::Status CheckParams(const ReadContext& context,
                         const google::protobuf::Struct& params) {
  if (IsTooDeep(params, kParamsDepthMax)) {
    return InvalidField("params", "is nested too deep");
  }
  if (params.ByteSizeLong() > context.limits.event_bytes_max) {
    return InvalidField("params",
                        absl::StrCat("must have at most ",
                                     context.limits.event_bytes_max, " bytes"));
  }
  for (const auto& [key, value] : params.fields()) {
    const std::string field = absl::StrCat("params.", key);
    if (!CheckText(field, key, 1, context.limits.name_chars_max).ok()) {
      return InvalidField(
          "params", absl::StrCat("has a key that is empty, longer than ",
                                 context.limits.name_chars_max,
                                 " characters, or holds NUL or what is not "
                                 "UTF-8"));
    }
    if (value.has_struct_value() || value.has_null_value()) continue;
    const std::string reason = WhyNoPropValue(context, value);
    if (!reason.empty()) return InvalidField(field, reason);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status TrackUserEvent(WriteContext& context,
                            const v1::TrackUserEventRequest& request,
                            v1::TrackUserEventResponse* response) {
  RETURN_IF_ERROR(
      CheckText("event", request.event(), 1, context.limits.name_chars_max));
  RETURN_IF_ERROR(CheckParams(context, request.params()));
  if (request.created() < 0 || request.created() >= kYear10000) {
    return InvalidField("created", absl::StrCat("must be seconds since 1970, "
                                                "at most ",
                                                kYear10000 - 1));
  }
  ASSIGN_OR_RETURN(
      const UserRow user,
      FindOrCreateUser(context, request.user_id(), request.by_user_id()));
  ASSIGN_OR_RETURN(EventTypeRow type,
                   FindOrCreateEventType(context, request.event()));

  v1::UserEvent& event = *response->mutable_event();
  ASSIGN_OR_RETURN(const uint64_t id, NewId(context));
  event.set_id(id);
  event.set_created(request.has_created() ? request.created()
                                          : absl::ToUnixSeconds(context.now));
  *event.mutable_type() = type.type;
  event.set_user(user.id);
  *event.mutable_props() = request.params();
  RETURN_IF_ERROR(StoreUserEvent(context, user.row, type.row, event));
  ASSIGN_OR_RETURN(v1::User view, ViewUser(context, user));
  return AppendUserEvent(context, std::move(view), event);
}

absl::Status ListUserEvents(const ReadContext& context,
                            const v1::ListUserEventsRequest& request,
                            v1::ListUserEventsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const PagePosition start,
                   ReadPageToken(PagedList::kUserEvents, request.page_token()));
  RETURN_IF_ERROR(CheckText("filter_name", request.filter_name(), 0,
                            context.limits.name_chars_max));
  ASSIGN_OR_RETURN(const UserRow user,
                   FindUser(context, request.user_id(), request.by_user_id()));
  int64_t type = 0;
  const bool one_type = !request.filter_name().empty();
  if (one_type) {
    ASSIGN_OR_RETURN(const std::optional<EventTypeRow> known,
                     FindEventType(context, request.filter_name()));
    if (!known.has_value()) return absl::OkStatus();  // Nobody ever did it.
    type = known->row;
  }

  ASSIGN_OR_RETURN(Statement select,
                   context.Prepare(one_type ? kListEventsOfType : kListEvents));
  int index = 0;
  select.Bind(index++, user.row);
  if (one_type) select.Bind(index++, type);
  select.Bind(index++, start.row);
  select.Bind(index++, int64_t{page_size} + 1);
  size_t bytes = 0;
  PagePosition last;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    if (response->events_size() == page_size ||
        bytes >= context.limits.page_bytes_max) {
      break;
    }
    last.row = select.Int(0);
    v1::UserEvent& event = *response->add_events();
    event.set_id(IdFromSql(select.Int(1)));
    ASSIGN_OR_RETURN(*event.mutable_type(),
                     ReadEventType(context, select.Int(2)));
    event.set_created(select.Int(3));
    event.set_user(user.id);
    const absl::string_view props = select.Blob(4);
    event.mutable_props()->ParseFromArray(props.data(),
                                          static_cast<int>(props.size()));
    bytes += props.size();
  }
  response->set_next_page_token(MakePageToken(PagedList::kUserEvents, last));
  return absl::OkStatus();
}

}  // namespace chatgate::platform
