#include "server/web_api/claimed_ids.h"

#include "chatgate/v1/chat_service.pb.h"

namespace chatgate {

void ClaimedIds::AddMadeBy(const google::protobuf::Message& response) {
  if (const auto* reply =
          dynamic_cast<const v1::ReplyToConversationResponse*>(&response)) {
    Add(reply->part().id());
  } else if (const auto* message =
                 dynamic_cast<const v1::SendMessageResponse*>(&response)) {
    Add(message->conversation());
  } else if (const auto* started =
                 dynamic_cast<const v1::StartConversationResponse*>(
                     &response)) {
    Add(started->id());
  }
}

}  // namespace chatgate
