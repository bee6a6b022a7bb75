#ifndef CHATGATE_SERVER_BACKEND_TOLD_PART_H_
#define CHATGATE_SERVER_BACKEND_TOLD_PART_H_

#include "chatgate/v1/resources.pb.h"

namespace chatgate {

// The part that a webhook told, without what the webhook adds to it: the lead,
// and how the conversation stands. The assignee is the conversation's, but
// where the part says that it was assigned.
v1::ConversationPart PartAlone(v1::ConversationPart told);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BACKEND_TOLD_PART_H_
