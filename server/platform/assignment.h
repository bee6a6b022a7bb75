#ifndef CHATGATE_SERVER_PLATFORM_ASSIGNMENT_H_
#define CHATGATE_SERVER_PLATFORM_ASSIGNMENT_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "chatgate/v1/resources.pb.h"
#include "server/platform/context.h"
#include "server/platform/conversation_row.h"

namespace chatgate::platform {

// Gives the conversation to `assignee`, or to nobody for nullptr, and returns
// the `assigned` part; empty when there was nothing to do.
absl::StatusOr<std::optional<v1::ConversationPart>> Assign(
    WriteContext& context, ConversationRow& conversation,
    const v1::Admin* assignee, const v1::Sender& sender, uint32_t random_id);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_ASSIGNMENT_H_
