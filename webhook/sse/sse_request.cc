#include "webhook/sse/sse_request.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/json/form_reader.h"
#include "server/subscription/timestamp.h"

namespace chatgate {
namespace {

absl::Status AddToFilter(const std::string& name, const std::string& value,
                         v1::EventFilter* filter) {
  if (name == "kinds") {
    v1::EventKind kind;
    if (!v1::EventKind_Parse(
            absl::StrCat("EVENT_KIND_", absl::AsciiStrToUpper(value)), &kind)) {
      return InvalidField(name, "is no kind of event");
    }
    filter->add_kinds(kind);
  } else if (name == "app_ids") {
    uint64_t id = 0;
    if (!absl::SimpleAtoi(value, &id)) return InvalidField(name, "is no id");
    filter->add_app_ids(id);
  } else if (name == "conversations") {
    filter->add_conversations(value);
  } else if (name == "user_ids") {
    filter->add_user_ids(value);
  } else if (name == "directions") {
    filter->add_directions(value);
  } else if (name == "part_types") {
    filter->add_part_types(value);
  } else {
    return InvalidField(name, "is no argument of a stream");
  }
  return absl::OkStatus();
}

absl::Status ReadArgument(const std::string& name, const std::string& value,
                          v1::SubscribeRequest* request) {
  if (name == "cursor") {
    request->set_cursor(value);
  } else if (name == "start") {
    v1::Start start;
    if (!v1::Start_Parse(absl::StrCat("START_", absl::AsciiStrToUpper(value)),
                         &start)) {
      return InvalidField(name, "is neither `latest` nor `earliest`");
    }
    request->set_start(start);
  } else if (name == "start_time") {
    absl::Time time;
    if (!absl::ParseTime(absl::RFC3339_full, value, &time, nullptr)) {
      return InvalidField(name, "is no time as RFC 3339 has it");
    }
    *request->mutable_start_time() = ToTimestamp(time);
  } else if (name == "include_raw") {
    bool raw = false;
    if (!absl::SimpleAtob(value, &raw)) {
      return InvalidField(name, "is neither `true` nor `false`");
    }
    request->set_include_raw(raw);
  } else {
    for (const absl::string_view one : absl::StrSplit(value, ',')) {
      RETURN_IF_ERROR(
          AddToFilter(name, std::string(one), request->mutable_filter()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::SubscribeRequest> ReadSseRequest(
    const HttpRequest& request) {
  v1::SubscribeRequest subscribe;
  ASSIGN_OR_RETURN(const FormFields fields, ParseForm(request.query));
  for (const auto& [name, value] : fields) {
    RETURN_IF_ERROR(ReadArgument(name, value, &subscribe));
  }
  if (const absl::string_view last = request.Header("Last-Event-ID");
      !last.empty()) {
    subscribe.set_cursor(std::string(last));
    subscribe.clear_start();
    subscribe.clear_start_time();
  }
  return subscribe;
}

}  // namespace chatgate
