#include "server/web_api/echoed_part.h"

#include "absl/strings/str_cat.h"
#include "server/backend/arguments.h"
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

bool IsOfItsKind(const v1::ReplyToConversationRequest& request,
                 const v1::ConversationPart& part) {
  const std::string& type = part.type();
  if (!SaysNo(request.from_user())) return type == "reply_user";
  if (request.type() == "note") return type == "note";
  if (request.type().empty() || request.type() == "reply_admin") {
    return type == "reply_admin";
  }
  // Such as `article`: nobody says what its part is called.
  return type != "reply_user" && type != "note" && type != "assigned";
}

bool MayBeItsPart(const google::protobuf::Message& request,
                  const v1::ConversationPart& part) {
  if (const auto* reply =
          dynamic_cast<const v1::ReplyToConversationRequest*>(&request)) {
    return IsOfItsKind(*reply, part) && part.body() == reply->body();
  }
  if (const auto* start =
          dynamic_cast<const v1::StartConversationRequest*>(&request)) {
    const bool is_anothers = !start->by_user_id() && part.has_user() &&
                             absl::StrCat(part.user()) != start->user_id();
    return part.type() == "reply_user" && part.body() == start->body() &&
           !is_anothers;
  }
  return false;
}

}  // namespace chatgate
