#ifndef CHATGATE_SERVER_WEB_API_ECHOED_PART_H_
#define CHATGATE_SERVER_WEB_API_ECHOED_PART_H_

#include <string>

#include "absl/strings/string_view.h"
#include "chatgate/v1/resources.pb.h"

namespace chatgate {

// The serialised response that a call of `method` (ReplyToConversation,
// StartConversation) would have had, from the part that the platform told of;
// empty where the method makes no such part.
std::string ResponseOfEcho(absl::string_view method,
                           const v1::ConversationPart& part);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_ECHOED_PART_H_
