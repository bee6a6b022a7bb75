#ifndef CHATGATE_SERVER_PLATFORM_ACTOR_H_
#define CHATGATE_SERVER_PLATFORM_ACTOR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chatgate/v1/resources.pb.h"
#include "server/platform/context.h"
#include "server/platform/conversation_row.h"

// Who acts in a conversation, from the arguments `from_user`, `from_admin` and
// `bot_name`.
namespace chatgate::platform {

// An admin of the configuration. ValidationError naming `field`: there is none
// of that id.
absl::StatusOr<v1::Admin> FindAdmin(const ReadContext& context,
                                    absl::string_view field, uint64_t id);

// The admin `from_admin`, the default admin, or the bot `bot_name`.
absl::StatusOr<v1::Sender> FindOperator(const ReadContext& context,
                                        absl::string_view from_admin,
                                        const std::string& bot_name);

// The lead of the conversation where `from_user` says so, else the operator.
// ValidationError: both are given, or the lead is another one or unknown.
absl::StatusOr<v1::Sender> FindSender(const ReadContext& context,
                                      const ConversationRow& conversation,
                                      absl::string_view from_user,
                                      absl::string_view from_admin,
                                      const std::string& bot_name);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_ACTOR_H_
