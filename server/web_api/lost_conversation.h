#ifndef CHATGATE_SERVER_WEB_API_LOST_CONVERSATION_H_
#define CHATGATE_SERVER_WEB_API_LOST_CONVERSATION_H_

#include <memory>

#include "chatgate/v1/chat_service.pb.h"
#include "server/web_api/lost_answer.h"

namespace chatgate {

// Looks for a conversation that was begun by its first part, which is the
// oldest one, among those of the lead that changed last. `request` outlives it.
std::unique_ptr<LostAnswer> LookForConversation(
    const v1::StartConversationRequest& request, const LostSend& lost);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_LOST_CONVERSATION_H_
