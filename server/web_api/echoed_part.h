#ifndef CHATGATE_SERVER_WEB_API_ECHOED_PART_H_
#define CHATGATE_SERVER_WEB_API_ECHOED_PART_H_

#include <string>

#include "absl/strings/string_view.h"
#include "chatgate/v1/chat_service.pb.h"
#include "google/protobuf/message.h"

namespace chatgate {

// The serialised response that a call of `method` (ReplyToConversation,
// StartConversation) would have had, from the part that the platform told of;
// empty where the method makes no such part.
std::string ResponseOfEcho(absl::string_view method,
                           const v1::ConversationPart& part);

// Whether a reply makes parts of this one's type.
bool IsOfItsKind(const v1::ReplyToConversationRequest& request,
                 const v1::ConversationPart& part);

// Whether the part may be the one that the request makes: by its type, its
// text, and for a conversation by its lead, as far as they can be compared. For
// random ids that callers choose, because they may choose one for all.
bool MayBeItsPart(const google::protobuf::Message& request,
                  const v1::ConversationPart& part);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_ECHOED_PART_H_
