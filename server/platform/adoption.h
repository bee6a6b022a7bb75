#ifndef CHATGATE_SERVER_PLATFORM_ADOPTION_H_
#define CHATGATE_SERVER_PLATFORM_ADOPTION_H_

#include "absl/status/status.h"
#include "chatgate/v1/resources.pb.h"
#include "server/platform/context.h"

namespace chatgate::platform {

// Takes over what a Dashly webhook `type=conversation` tells: lead,
// conversation and part are created where they are missing; tags, closed and
// assignee become those of the newest part that was told. Appends no event: the
// webhook is one. Told twice, it does nothing the second time; an edited part
// replaces the text.
absl::Status AdoptPart(WriteContext& context, const v1::ConversationPart& told);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_ADOPTION_H_
