#include "server/platform/user_view.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/platform/event_types.h"
#include "server/platform/sql.h"

namespace chatgate::platform {

namespace {

using ::google::protobuf::Value;

// The properties that are repeated in `presence_details`.
constexpr const char* kPresenceProps[] = {
    "$avatar", "$city",     "$country",    "$initial_referrer", "$name",
    "$region", "$sessions", "$last_reply", "$last_contacted"};

constexpr const char* kKeptProps[] = {"$last_contacted", "$last_reply",
                                      "$last_seen", "$user_id"};

void FillProps(const Props& props, const UserSections& sections,
               v1::User* view) {
  for (const auto& [key, value] : props) {
    const bool system = absl::StartsWith(key, "$");
    if (system ? !sections.props : !sections.props_custom) continue;
    Value* field =
        &(*(system ? view->mutable_props() : view->mutable_props_custom())
               ->mutable_fields())[key];
    if (sections.convert_props_types) {
      *field = value;
    } else {
      field->set_string_value(PropText(value));
    }
  }
}

// Unknown in the facts: which of the two spellings of keys a caller gets; the
// one of the published sample is used, where the platform knows the value.
void FillPresenceDetails(const UserRow& user, const Props& props,
                         v1::User* view) {
  if (view->presence() == "offline") return;
  auto& fields = *view->mutable_presence_details()->mutable_fields();
  const int64_t seconds = user.active_since / 1'000'000;
  fields["$active_since"].set_number_value(static_cast<double>(seconds));
  for (const char* key : kPresenceProps) {
    if (const auto it = props.find(key); it != props.end())
      fields[key] = it->second;
  }
}

void FillPropsEvents(const v1::UserEventCount& count, v1::User* view) {
  auto& fields = *view->mutable_props_events()->mutable_fields();
  const std::string key = absl::StrCat("$event_", count.event_type().id());
  fields[key + "_first"].set_string_value(PropTime(count.first() * 1'000'000));
  fields[key + "_last"].set_string_value(PropTime(count.last() * 1'000'000));
  fields[key + "_count"].set_number_value(static_cast<double>(count.count()));
}

}  // namespace

std::string PresenceOf(const ReadContext& context, const UserRow& user) {
  if (user.presence == 0) return "offline";
  const absl::Time signal = absl::FromUnixMicros(user.signal);
  // One of a time to come was given before the clock was set back.
  const absl::Time begin = signal - kSignalAheadMax;
  const absl::Time end = signal + context.limits.presence_lasts;
  const bool is_there = begin <= context.now && context.now < end;
  const absl::Time changes = context.now < begin ? begin : end;
  if (context.good_until != nullptr && context.now < changes) {
    *context.good_until = std::min(*context.good_until, changes);
  }
  if (!is_there) return "offline";
  return user.presence == 1 ? "online" : "idle";
}

bool IsKeptProp(absl::string_view key) {
  for (const char* kept : kKeptProps) {
    if (key == kept) return true;
  }
  return false;
}

Value KeptProp(const UserRow& user, absl::string_view key) {
  Value value;
  value.set_null_value(google::protobuf::NULL_VALUE);
  if (key == "$user_id") {
    if (user.site_id.has_value()) value.set_string_value(*user.site_id);
    return value;
  }
  const int64_t micros = key == "$last_seen"    ? user.last_seen
                         : key == "$last_reply" ? user.last_reply
                                                : user.last_contacted;
  if (micros != 0) value.set_string_value(PropTime(micros));
  return value;
}

absl::StatusOr<Props> ReadProps(const ReadContext& context,
                                const UserRow& user) {
  Props props;
  for (const char* key : kKeptProps) {
    Value value = KeptProp(user, key);
    if (!value.has_null_value()) props[key] = std::move(value);
  }
  ASSIGN_OR_RETURN(Statement select, context.Prepare(kListProps));
  select.Bind(0, user.row);
  while (true) {
    ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return props;
    const absl::string_view blob = select.Blob(1);
    props[std::string(select.Text(0))].ParseFromArray(
        blob.data(), static_cast<int>(blob.size()));
  }
}

std::string PropText(const Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue:
      return value.string_value();
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case Value::kNumberValue: {
      const double number = value.number_value();
      const auto whole = static_cast<int64_t>(number);
      return static_cast<double>(whole) == number ? absl::StrCat(whole)
                                                  : absl::StrCat(number);
    }
    case Value::kListValue: {
      // Unknown in the facts; a comma list is how the API writes flat arrays.
      std::string text;
      for (const Value& item : value.list_value().values())
        absl::StrAppend(&text, text.empty() ? "" : ",", PropText(item));
      return text;
    }
    default:
      return "";
  }
}

std::string PropTime(int64_t micros) {
  // absl::FormatTime looks its format up, and the zone; a reply has several.
  const absl::CivilSecond time =
      absl::ToCivilSecond(absl::FromUnixMicros(micros), absl::UTCTimeZone());
  return absl::StrCat(absl::Dec(time.year(), absl::kZeroPad4), "-",
                      absl::Dec(time.month(), absl::kZeroPad2), "-",
                      absl::Dec(time.day(), absl::kZeroPad2), "T",
                      absl::Dec(time.hour(), absl::kZeroPad2), ":",
                      absl::Dec(time.minute(), absl::kZeroPad2), ":",
                      absl::Dec(time.second(), absl::kZeroPad2));
}

absl::StatusOr<v1::User> ViewUser(const ReadContext& context,
                                  const UserRow& user,
                                  const UserSections& sections) {
  v1::User view;
  view.set_id(user.id);
  view.set_app(context.app.id);
  if (user.site_id.has_value()) view.set_user_id(*user.site_id);
  view.set_presence(PresenceOf(context, user));

  Props props;
  if (sections.props || sections.props_custom || sections.presence_details ||
      sections.email_status) {
    ASSIGN_OR_RETURN(props, ReadProps(context, user));
  }
  // A section that was asked for is there, even when it is empty.
  if (sections.props) view.mutable_props();
  if (sections.props_custom) view.mutable_props_custom();
  if (sections.props_events) view.mutable_props_events();
  FillProps(props, sections, &view);
  if (sections.presence_details) FillPresenceDetails(user, props, &view);
  if (sections.events || sections.props_events) {
    ASSIGN_OR_RETURN(std::vector<v1::UserEventCount> counts,
                     ReadEventCounts(context, user.row));
    for (const v1::UserEventCount& count : counts) {
      if (sections.props_events) FillPropsEvents(count, &view);
      if (sections.events) *view.add_events() = count;
    }
  }
  if (sections.email_status && props.count("$email") > 0) {
    // The platform sends no e-mail, so that no address is ever confirmed.
    view.mutable_email_status()->set_id(user.id);
    view.mutable_email_status()->set_app(context.app.id);
    view.mutable_email_status()->set_status("not_confirmed");
  }
  return view;
}

absl::StatusOr<google::protobuf::Value> ReadProp(const ReadContext& context,
                                                 const UserRow& user,
                                                 const std::string& key) {
  if (IsKeptProp(key)) return KeptProp(user, key);
  ASSIGN_OR_RETURN(Statement find, context.Prepare(kFindProp));
  find.Bind(0, user.row);
  find.Bind(1, key);
  ASSIGN_OR_RETURN(const bool known, find.Step());
  google::protobuf::Value value;
  value.set_null_value(google::protobuf::NULL_VALUE);
  if (!known) return value;
  const absl::string_view blob = find.Blob(0);
  if (!value.ParseFromArray(blob.data(), static_cast<int>(blob.size())))
    return absl::DataLossError("a property is damaged");
  return value;
}

}  // namespace chatgate::platform
