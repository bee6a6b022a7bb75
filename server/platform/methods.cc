#include "server/platform/methods.h"

#include "server/platform/records.h"

namespace chatgate::platform {

namespace {

using ::google::protobuf::Message;

template <typename Request, typename Response>
MethodRow Row(absl::Status (*function)(const ReadContext&, const Request&,
                                       Response*)) {
  return {Request::descriptor(), Response::descriptor(),
          [function](const ReadContext& context, const Message& request,
                     Message* response) {
            return function(context, static_cast<const Request&>(request),
                            static_cast<Response*>(response));
          },
          nullptr};
}

template <typename Request, typename Response>
MethodRow Row(absl::Status (*function)(WriteContext&, const Request&,
                                       Response*)) {
  return {Request::descriptor(), Response::descriptor(), nullptr,
          [function](WriteContext& context, const Message& request,
                     Message* response) {
            return function(context, static_cast<const Request&>(request),
                            static_cast<Response*>(response));
          }};
}

MethodRow OfFewRows(MethodRow row) {
  row.looks_at_few_rows = true;
  return row;
}

}  // namespace

const std::vector<MethodRow>& Methods() {
  static const auto& rows = *new std::vector<MethodRow>{
      Row(&ListActiveUsers),
      Row(&ListUsers),
      Row(&ListConversations),
      Row(&ListChannels),
      OfFewRows(Row(&GetConversation)),
      Row(&ListConversationParts),
      Row(&ReplyToConversation),
      Row(&MarkConversationRead),
      Row(&SetTyping),
      Row(&AssignConversation),
      Row(&TagConversation),
      Row(&CloseConversation),
      OfFewRows(Row(&GetUser)),
      Row(&ListUserEvents),
      Row(&ListUserConversations),
      Row(&TrackUserEvent),
      Row(&SetUserProps),
      Row(&SetUserPresence),
      Row(&SendMessage),
      Row(&StartConversation),
  };
  return rows;
}

const MethodRow* FindMethod(const google::protobuf::Descriptor* request) {
  for (const MethodRow& row : Methods()) {
    if (row.request == request) return &row;
  }
  static const auto& records =
      *new std::vector<MethodRow>{Row(&ExportRecords), Row(&ImportRecords)};
  for (const MethodRow& row : records) {
    if (row.request == request) return &row;
  }
  return nullptr;
}

}  // namespace chatgate::platform
