#ifndef CHATGATE_SERVER_PLATFORM_METHODS_H_
#define CHATGATE_SERVER_PLATFORM_METHODS_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "chatgate/v1/chat_service.pb.h"
#include "google/protobuf/message.h"
#include "server/platform/context.h"

// The methods of the embedded platform. A new one is a function in the file of
// its group, a declaration here, and a row in methods.cc.
//
// Each checks its arguments, does everything in the one transaction it is
// given, and fills the response. Errors come from error_table.h; a method that
// fails leaves nothing behind.
namespace chatgate::platform {

#define CHATGATE_READS(Rpc)                         \
  absl::Status Rpc(const ReadContext& context,      \
                   const v1::Rpc##Request& request, \
                   v1::Rpc##Response* response)
#define CHATGATE_WRITES(Rpc)                                               \
  absl::Status Rpc(WriteContext& context, const v1::Rpc##Request& request, \
                   v1::Rpc##Response* response)

// conversations_read.cc
CHATGATE_READS(GetConversation);
CHATGATE_READS(ListConversationParts);
// conversation_list.cc
CHATGATE_READS(ListConversations);
CHATGATE_READS(ListUserConversations);
// channels.cc
CHATGATE_READS(ListChannels);
// users_read.cc
CHATGATE_READS(GetUser);
CHATGATE_READS(ListActiveUsers);
// user_list.cc
CHATGATE_READS(ListUsers);
// user_events.cc
CHATGATE_READS(ListUserEvents);
CHATGATE_WRITES(TrackUserEvent);
// reply.cc
CHATGATE_WRITES(ReplyToConversation);
// typing_read.cc
CHATGATE_WRITES(MarkConversationRead);
CHATGATE_WRITES(SetTyping);
// assign_tag_close.cc
CHATGATE_WRITES(AssignConversation);
CHATGATE_WRITES(TagConversation);
CHATGATE_WRITES(CloseConversation);
// props.cc
CHATGATE_WRITES(SetUserProps);
// presence.cc
CHATGATE_WRITES(SetUserPresence);
// start_conversation.cc
CHATGATE_WRITES(SendMessage);
CHATGATE_WRITES(StartConversation);

#undef CHATGATE_READS
#undef CHATGATE_WRITES

// A row of the table; either `read` or `write` is set.
struct MethodRow {
  const google::protobuf::Descriptor* request;
  const google::protobuf::Descriptor* response;
  std::function<absl::Status(const ReadContext&,
                             const google::protobuf::Message&,
                             google::protobuf::Message*)>
      read;
  std::function<absl::Status(WriteContext&, const google::protobuf::Message&,
                             google::protobuf::Message*)>
      write;
  // However much there is. Read on a thread of its own, and kept until a
  // change.
  bool looks_at_few_rows = false;
};

// Every method of the Web API that is served.
const std::vector<MethodRow>& Methods();

// The row of a request's type, those that move records included, or nullptr.
const MethodRow* FindMethod(const google::protobuf::Descriptor* request);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_METHODS_H_
