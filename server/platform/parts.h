#ifndef CHATGATE_SERVER_PLATFORM_PARTS_H_
#define CHATGATE_SERVER_PLATFORM_PARTS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chatgate/v1/resources.pb.h"
#include "server/platform/context.h"
#include "server/platform/conversation_row.h"

// How a conversation grows.
namespace chatgate::platform {

// Puts `part` at the end of the conversation, brings its counts up to date,
// saves it, and appends the event, all in the transaction. Fills the part's id,
// conversation, time and group; the caller has set type, direction, sender and
// the like. Returns the part as stored.
absl::StatusOr<v1::ConversationPart> AddPart(WriteContext& context,
                                             ConversationRow& conversation,
                                             v1::ConversationPart part);

// The two halves of AddPart, for parts that come from elsewhere: stores a part
// as it is and counts it, without saving the conversation and without an event.
absl::Status StorePart(WriteContext& context, ConversationRow& conversation,
                       const v1::ConversationPart& part);

// A message of the lead, or one that the lead sees from an operator or a bot.
// Notes and system lines are neither.
bool IsLeadReply(const v1::ConversationPart& part);
bool IsOperatorReply(const v1::ConversationPart& part);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_PARTS_H_
