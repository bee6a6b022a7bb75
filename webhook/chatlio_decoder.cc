#include "webhook/chatlio_decoder.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/base/status_macros.h"
#include "server/json/json_reader.h"
#include "webhook/event_fields.h"
#include "webhook/fingerprint.h"

namespace chatgate {
namespace {

constexpr std::pair<ChatlioHook, absl::string_view> kNames[] = {
    {ChatlioHook::kTranscript, "transcript"},
    {ChatlioHook::kOfflineMessage, "offline-message"},
    {ChatlioHook::kConversationStarted, "conversation-started"},
    {ChatlioHook::kUnanswered, "unanswered"},
    {ChatlioHook::kFeedback, "feedback"},
};

// Equal for equal messages: the order of maps is fixed.
uint64_t ContentFingerprint(const v1::Event& event) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    event.SerializeToCodedStream(&coded);
  }
  return Fingerprint({bytes});
}

// Reads into the payload and names its conversation.
template <typename Payload>
absl::Status Read(Payload* payload, NewEvent* event) {
  RETURN_IF_ERROR(ReadJson(event->raw, payload));
  if constexpr (!std::is_same_v<Payload, v1::ChatlioOfflineMessage>) {
    if (!payload->conversation_uuid().empty()) {
      event->event.set_conversation(
          absl::StrCat("chatlio:", payload->conversation_uuid()));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadTranscript(NewEvent* event) {
  v1::ChatlioTranscript* payload = event->event.mutable_chatlio_transcript();
  RETURN_IF_ERROR(Read(payload, event));
  absl::Time ended;
  if (absl::ParseTime(absl::RFC3339_full, payload->ended_at(), &ended,
                      nullptr)) {
    SetOccurred(ended, &event->event);
  }
  return absl::OkStatus();
}

absl::Status Decode(ChatlioHook hook, NewEvent* event) {
  v1::Event& target = event->event;
  switch (hook) {
    case ChatlioHook::kTranscript:
      return ReadTranscript(event);
    case ChatlioHook::kOfflineMessage:
      return Read(target.mutable_chatlio_offline_message(), event);
    case ChatlioHook::kConversationStarted:
      return Read(target.mutable_chatlio_conversation_started(), event);
    case ChatlioHook::kUnanswered:
      return Read(target.mutable_chatlio_unanswered(), event);
    case ChatlioHook::kFeedback:
      return Read(target.mutable_chatlio_feedback(), event);
  }
  return absl::InvalidArgumentError("no such hook");
}

}  // namespace

std::optional<ChatlioHook> ChatlioHookNamed(absl::string_view name) {
  for (const auto& [hook, its_name] : kNames) {
    if (name == its_name) return hook;
  }
  return std::nullopt;
}

absl::string_view NameOf(ChatlioHook hook) {
  return kNames[static_cast<int>(hook)].second;
}

NewEvent DecodeChatlio(uint64_t app_id, ChatlioHook hook,
                       absl::string_view content_type, std::string body) {
  NewEvent event;
  event.event.set_app_id(app_id);
  event.event.set_source(v1::EVENT_SOURCE_CHATLIO);
  event.raw = std::move(body);
  absl::Status status = Decode(hook, &event);
  if (status.ok()) status = CheckFits(event);
  if (!status.ok()) {
    SetUnrecognized(absl::StrCat("chatlio/", NameOf(hook)), status.message(),
                    content_type, &event);
  } else {
    event.content_fingerprint = ContentFingerprint(event.event);
  }
  return event;
}

}  // namespace chatgate
