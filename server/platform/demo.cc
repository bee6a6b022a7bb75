#include "server/platform/demo.h"

#include <utility>

#include "chatgate/v1/chat_service.pb.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace chatgate {

namespace {

constexpr char kVisitor[] = "demo-visitor";

absl::Status CallAndWait(Backend& backend, uint64_t app_id,
                         const google::protobuf::Message& request,
                         google::protobuf::Message* response) {
  Mutex mu;
  CondVar answered;
  bool done = false;
  absl::Status status;
  CallContext context;
  context.app_id = app_id;
  context.caller = "demo";
  backend.Call(context, request, response, [&](absl::Status result) {
    MutexLock lock(mu);
    status = std::move(result);
    done = true;
    answered.SignalAll();
  });
  MutexLock lock(mu);
  while (!done) answered.Wait(mu);
  return status;
}

absl::Status NameVisitor(Backend& backend, uint64_t app_id) {
  v1::SetUserPropsRequest props;
  props.set_user_id(kVisitor);
  props.set_by_user_id(true);
  props.set_request_id("demo-props");
  v1::PropOperation& name = *props.add_operations();
  name.set_op("update_or_create");
  name.set_key("$name");
  name.mutable_value()->set_string_value("Demo visitor");
  v1::SetUserPropsResponse response;
  return CallAndWait(backend, app_id, props, &response);
}

}  // namespace

absl::Status FillDemoApp(Backend& backend, uint64_t app_id) {
  // The lead that comes first is the mark of an app that was begun here.
  v1::ListUsersRequest leads;
  v1::ListUsersResponse known;
  RETURN_IF_ERROR(CallAndWait(backend, app_id, leads, &known));
  v1::GetUserRequest get;
  get.set_user_id(kVisitor);
  get.set_by_user_id(true);
  v1::GetUserResponse visitor;
  if (known.total() > 0 && !CallAndWait(backend, app_id, get, &visitor).ok())
    return absl::OkStatus();

  RETURN_IF_ERROR(NameVisitor(backend, app_id));
  v1::StartConversationRequest start;
  start.set_user_id(kVisitor);
  start.set_by_user_id(true);
  start.set_body("Hello! Is anybody there?");
  start.set_request_id("demo-start");
  v1::StartConversationResponse started;
  RETURN_IF_ERROR(CallAndWait(backend, app_id, start, &started));

  v1::ReplyToConversationRequest greeting;
  greeting.set_conversation_id(started.id());
  greeting.set_body("Welcome to Chatgate. This conversation is a demo.");
  greeting.set_request_id("demo-greeting");
  v1::ReplyToConversationResponse replied;
  return CallAndWait(backend, app_id, greeting, &replied);
}

}  // namespace chatgate
