#ifndef CHATGATE_WEBHOOK_CHATLIO_DECODER_H_
#define CHATGATE_WEBHOOK_CHATLIO_DECODER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/event_log/event_sink.h"

namespace chatgate {

// The hooks of Chatlio. Three share one JSON shape without a type in it, so the
// kind comes from the path.
enum class ChatlioHook {
  kTranscript,
  kOfflineMessage,
  kConversationStarted,
  kUnanswered,
  kFeedback,
};

// The hook of that name in the path, such as `offline-message`.
std::optional<ChatlioHook> ChatlioHookNamed(absl::string_view name);

// Its name in the path.
absl::string_view NameOf(ChatlioHook hook);

// A webhook of Chatlio as an event; `body` is kept as `raw`. Never fails: what
// is no JSON object is an Unrecognized event that says why.
//
// Chatlio gives no id, so the event has no key but the fingerprint of its
// content and times. Only a transcript says when it happened; `createdAt` of
// the others is the visitor's, who may be much older than the message.
NewEvent DecodeChatlio(uint64_t app_id, ChatlioHook hook,
                       absl::string_view content_type, std::string body);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_CHATLIO_DECODER_H_
