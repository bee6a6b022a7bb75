#include "client/chatgatectl/tail_command.h"

#include <google/protobuf/util/json_util.h>

#include <iostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/chatgatectl/event_line.h"
#include "client/printable.h"
#include "client/standard_output.h"
#include "client/status.h"
#include "client/stop_signal.h"
#include "client/subscription.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr char kFromIs[] =
    "--from is latest, earliest, a time such as 2026-01-31T12:00:00Z, or a "
    "cursor";

absl::Status SetStart(const std::string& from, v1::SubscribeRequest& request) {
  absl::Time time;
  if (from == "latest") {
    request.set_start(v1::START_LATEST);
  } else if (from == "earliest") {
    request.set_start(v1::START_EARLIEST);
  } else if (absl::ParseTime(absl::RFC3339_full, from, &time, nullptr)) {
    request.mutable_start_time()->set_seconds(absl::ToUnixSeconds(time));
    request.mutable_start_time()->set_nanos(static_cast<int>(
        (time - absl::FromUnixSeconds(absl::ToUnixSeconds(time))) /
        absl::Nanoseconds(1)));
  } else if (!from.empty()) {
    request.set_cursor(from);
  } else {
    return absl::InvalidArgumentError(kFromIs);
  }
  return absl::OkStatus();
}

absl::Status AddKind(const std::string& name, v1::EventFilter& filter) {
  v1::EventKind kind;
  if (!v1::EventKind_Parse(
          absl::StrCat("EVENT_KIND_", absl::AsciiStrToUpper(name)), &kind)) {
    std::string known;
    for (int i = 1; i < v1::EventKind_descriptor()->value_count(); ++i) {
      const std::string& full = v1::EventKind_descriptor()->value(i)->name();
      absl::StrAppend(&known, i == 1 ? "" : ", ",
                      absl::AsciiStrToLower(full.substr(11)));
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "there is no event kind \"", name, "\"; there are ", known));
  }
  filter.add_kinds(kind);
  return absl::OkStatus();
}

std::string JsonLine(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  std::string line;
  const auto printed =
      google::protobuf::util::MessageToJsonString(message, &line, print);
  if (!printed.ok()) {
    return absl::StrCat("{\"error\":\"this event cannot be shown as JSON\"}");
  }
  return line;
}

void WriteGap(const v1::Gap& gap, bool json) {
  if (json) {
    std::cout << "{\"gap\":" << JsonLine(gap) << "}\n";
  } else {
    std::cout << "-- events " << gap.first_seq() << " to " << gap.last_seq()
              << " are gone --\n";
  }
}

// True where the gateway takes the cursor for no cursor at all.
bool IsNoCursor(const absl::Status& status) {
  for (const FieldViolation& violation : FieldViolations(status)) {
    if (violation.field == "cursor") return true;
  }
  return false;
}

// True where the gateway does not go on from the cursor.
bool IsOfTheCursor(const absl::Status& status) {
  const std::string reason = ErrorReason(status);
  return IsNoCursor(status) || reason == "CURSOR_OF_ANOTHER_LOG" ||
         reason == "CURSOR_AHEAD_OF_LOG";
}

void WriteRetry(const absl::Status& why, absl::Duration wait) {
  std::cerr << "chatgatectl: " << ErrorLine(why) << " - trying again in "
            << absl::FormatDuration(absl::Trunc(wait, absl::Milliseconds(1)))
            << "\n";
}

}  // namespace

absl::StatusOr<v1::SubscribeRequest> TailRequest(const TailOptions& options) {
  v1::SubscribeRequest request;
  RETURN_IF_ERROR(SetStart(options.from, request));
  request.set_include_raw(options.raw);
  v1::EventFilter filter;
  for (const std::string& kind : options.kinds) {
    RETURN_IF_ERROR(AddKind(kind, filter));
  }
  for (const auto& text : options.conversations) filter.add_conversations(text);
  for (const auto& text : options.user_ids) filter.add_user_ids(text);
  for (const auto& text : options.directions) filter.add_directions(text);
  for (const auto& text : options.part_types) filter.add_part_types(text);
  for (const std::string& text : options.app_ids) {
    uint64_t app_id = 0;
    if (!absl::SimpleAtoi(text, &app_id)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--app_id is a number, not \"", text, "\""));
    }
    filter.add_app_ids(app_id);
  }
  if (filter.ByteSizeLong() > 0) *request.mutable_filter() = filter;
  return request;
}

ExitCode RunTail(ChatClient& client, const TailOptions& options) {
  absl::StatusOr<v1::SubscribeRequest> request = TailRequest(options);
  if (!request.ok()) return FailUsage(request.status());
  SubscriptionOptions subscription;
  subscription.request = *std::move(request);
  subscription.on_retry = WriteRetry;
  const std::unique_ptr<Subscription> events =
      Subscription::Start(client, std::move(subscription));
  StopSignal interrupted([&events] { events->Stop(); });
  int64_t left = options.count;
  std::string cursor;  // Behind what standard output has taken.
  absl::Status flushed;
  const absl::Status end =
      events->Run([&](const v1::SubscribeResponse& response) {
        if (response.has_gap()) WriteGap(response.gap(), options.json);
        std::string written = response.cursor();
        for (const v1::Event& event : response.events()) {
          std::cout << (options.json ? JsonLine(event) : EventLine(event))
                    << "\n";
          if (options.count > 0 && --left == 0) {
            written = event.cursor();
            events->Stop();
            break;
          }
        }
        flushed = FlushOutput();
        if (flushed.ok()) cursor = std::move(written);
        return flushed;
      });
  if (cursor.empty() && IsNoCursor(end)) {
    return FailUsage(absl::InvalidArgumentError(
        absl::StrCat(kFromIs, "; \"", Printable(options.from), "\" is none")));
  }
  if (!cursor.empty() && !IsOfTheCursor(end)) {
    std::cerr << "chatgatectl: go on with --from " << Printable(cursor) << "\n";
  }
  if (!flushed.ok()) return FailOutput(flushed);
  return end.ok() ? kExitOk : Fail(end);
}

}  // namespace chatgate
