#include "server/web_api/echoed_part.h"

#include "chatgate/v1/chat_service.pb.h"
#include "server/backend/told_part.h"

namespace chatgate {
std::string ResponseOfEcho(absl::string_view method,
                           const v1::ConversationPart& part) {
  if (method == "ReplyToConversation") {
    v1::ReplyToConversationResponse response;
    *response.mutable_part() = PartAlone(part);
    return response.SerializeAsString();
  }
  if (method == "StartConversation" && part.conversation() != 0) {
    v1::StartConversationResponse response;
    response.set_id(part.conversation());
    return response.SerializeAsString();
  }
  return "";
}

}  // namespace chatgate
