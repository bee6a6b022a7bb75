#ifndef CHATGATE_SERVER_PLATFORM_EVENTS_H_
#define CHATGATE_SERVER_PLATFORM_EVENTS_H_

#include "absl/status/status.h"
#include "chatgate/v1/events.pb.h"
#include "server/platform/context.h"
#include "server/platform/conversation_row.h"

// What the platform tells the log, in the transaction of what happened.
namespace chatgate::platform {

// A new part, with what Dashly's webhook adds to one.
absl::Status AppendPartEvent(WriteContext& context,
                             const ConversationRow& conversation,
                             const v1::ConversationPart& part);

absl::Status AppendTyping(WriteContext& context, v1::ConversationTyping typing);

absl::Status AppendRead(WriteContext& context,
                        const ConversationRow& conversation);

absl::Status AppendUserEvent(WriteContext& context, v1::User user,
                             v1::UserEvent event);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_EVENTS_H_
