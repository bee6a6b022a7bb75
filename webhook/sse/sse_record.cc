#include "webhook/sse/sse_record.h"

#include "absl/strings/str_cat.h"
#include "server/json/json_writer.h"

namespace chatgate {
namespace {

std::string Record(absl::string_view cursor, absl::string_view kind,
                   absl::string_view data) {
  return absl::StrCat("id: ", cursor, "\nevent: ", kind, "\ndata: ", data,
                      "\n\n");
}

std::string PayloadName(const v1::Event& event) {
  const auto* oneof = v1::Event::descriptor()->FindOneofByName("payload");
  const auto* field =
      event.GetReflection()->GetOneofFieldDescriptor(event, oneof);
  return field == nullptr ? "unknown" : field->name();
}

}  // namespace

std::string EventRecordText(absl::string_view cursor, const v1::Event& event) {
  // Ids are text, because browsers would round them; the writer makes no line
  // ends.
  return Record(cursor, PayloadName(event),
                WriteJson(event, {.ids_as_text = true}));
}

std::string GapRecordText(absl::string_view cursor, uint64_t first_seq,
                          uint64_t last_seq) {
  return Record(cursor, "gap",
                absl::StrCat("{\"first_seq\": \"", first_seq,
                             "\", \"last_seq\": \"", last_seq, "\"}"));
}

std::string HeartbeatRecordText(absl::string_view cursor, uint64_t head,
                                uint64_t lag) {
  return absl::StrCat(": heartbeat head=", head, " lag=", lag, "\nid: ", cursor,
                      "\n\n");
}

std::string EndRecordText(absl::string_view cursor, absl::string_view reason,
                          absl::Duration delay) {
  const int64_t ms = absl::ToInt64Milliseconds(delay);
  return absl::StrCat("retry: ", ms, "\n",
                      Record(cursor, "end",
                             absl::StrCat("{\"reason\": \"", reason,
                                          "\", \"retry_ms\": ", ms, "}")));
}

}  // namespace chatgate
