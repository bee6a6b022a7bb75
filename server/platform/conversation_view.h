#ifndef CHATGATE_SERVER_PLATFORM_CONVERSATION_VIEW_H_
#define CHATGATE_SERVER_PLATFORM_CONVERSATION_VIEW_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chatgate/v1/resources.pb.h"
#include "server/platform/context.h"
#include "server/platform/conversation_row.h"

// A conversation and its parts as the API shows them.
namespace chatgate::platform {

// Everything but `user`.
absl::StatusOr<v1::Conversation> ViewConversation(
    const ReadContext& context, const ConversationRow& conversation);

// The same with `user`.
absl::StatusOr<v1::Conversation> ViewConversationAndUser(
    const ReadContext& context, const ConversationRow& conversation);

// A stored part; `read` is set on what the lead may have read.
absl::StatusOr<v1::ConversationPart> ViewPart(
    absl::string_view stored, int64_t row, const ConversationRow& conversation);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_CONVERSATION_VIEW_H_
