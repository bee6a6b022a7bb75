#include "client/responder/action_call.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "chatgate/v1/chat_service.pb.h"
#include "client/responder/answer_id.h"

namespace chatgate {
namespace {

template <typename Request, typename Response>
ActionCall NewCall(const RuleSet& rules, const Decision::Act& act,
                   const v1::Event& event, Request** out) {
  const v1::Rule& rule = rules.file().rules(act.rule);
  auto request = std::make_unique<Request>();
  request->set_app_id(event.app_id());
  request->set_conversation_id(
      event.dashly_conversation().conversation().conversation());
  request->set_bot_name(rules.bot_name());
  request->set_request_id(
      AnswerId(event.app_id(), event.id(), rule.id(), act.action));
  *out = request.get();
  return {std::string(RpcOf(rule.actions(act.action))), std::move(request),
          std::make_unique<Response>()};
}

}  // namespace

absl::string_view RpcOf(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kTag:
      return "TagConversation";
    case v1::Action::kAssign:
      return "AssignConversation";
    case v1::Action::kClose:
      return "CloseConversation";
    default:
      return "ReplyToConversation";
  }
}

ActionCall MakeCall(const RuleSet& rules, const Decision::Act& act,
                    const v1::Event& event) {
  const v1::Action& action = rules.file().rules(act.rule).actions(act.action);
  if (action.has_tag()) {
    v1::TagConversationRequest* request;
    ActionCall call =
        NewCall<v1::TagConversationRequest, v1::TagConversationResponse>(
            rules, act, event, &request);
    request->set_action(action.tag().remove() ? "delete" : "add");
    request->set_tag(action.tag().name());
    return call;
  }
  if (action.has_assign()) {
    v1::AssignConversationRequest* request;
    ActionCall call =
        NewCall<v1::AssignConversationRequest, v1::AssignConversationResponse>(
            rules, act, event, &request);
    if (action.assign().admin() != 0) {
      request->set_admin(action.assign().admin());
    }
    return call;
  }
  if (action.has_close()) {
    v1::CloseConversationRequest* request;
    return NewCall<v1::CloseConversationRequest, v1::CloseConversationResponse>(
        rules, act, event, &request);
  }
  v1::ReplyToConversationRequest* request;
  ActionCall call =
      NewCall<v1::ReplyToConversationRequest, v1::ReplyToConversationResponse>(
          rules, act, event, &request);
  request->set_body(act.body);
  request->set_type(action.has_note() ? "note" : action.reply().type());
  return call;
}

uint64_t PartOf(const ActionCall& call) {
  if (call.rpc == "ReplyToConversation") {
    return static_cast<const v1::ReplyToConversationResponse&>(*call.response)
        .part()
        .id();
  }
  const auto* id = call.response->GetDescriptor()->FindFieldByName("id");
  return id == nullptr
             ? 0
             : call.response->GetReflection()->GetUInt64(*call.response, id);
}

}  // namespace chatgate
