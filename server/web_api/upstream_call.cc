#include "server/web_api/upstream_call.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/backend/arguments.h"
#include "server/backend/error_table.h"
#include "server/web_api/echoed_part.h"
#include "server/web_api/request_defaults.h"
#include "server/web_api/resend.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Known = RequestMemory::Known;

std::unique_ptr<Message> Copy(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

std::unique_ptr<Message> NewResponse(const RestMethod& method) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(method.method().descriptor->output_type())
          ->New());
}

uint32_t RandomIdOf(const Message& request) {
  const FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("random_id");
  return field == nullptr ? 0
                          : request.GetReflection()->GetUInt32(request, field);
}

uint64_t ConversationOf(const Message& request) {
  const FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("conversation_id");
  return field == nullptr ? 0
                          : request.GetReflection()->GetUInt64(request, field);
}

// A tag that is there, or not there, as it was asked for: older platforms call
// it an error, also where an earlier attempt of this call has brought it about.
bool SaysDoneAlready(const absl::Status& status) {
  const std::string name = ErrorName(status);
  return name == "ConversationTagAlreadyAssigned" ||
         name == "ConversationTagIsNotAssigned";
}

std::map<const google::protobuf::Descriptor*, RestMethod> RestMethods(
    const MethodTable& table) {
  std::map<const google::protobuf::Descriptor*, RestMethod> methods;
  for (const Method& method : table.methods()) {
    methods.emplace(method.descriptor->input_type(), RestMethod(method));
  }
  return methods;
}

}  // namespace

CallWorld::CallWorld(const WebApiRooms& rooms,
                     const WebApiBackendOptions& options,
                     MethodTable method_table)
    : options(options),
      rooms(rooms),
      breaker(rooms.clock, options.breaker),
      platform_clock(rooms.clock, rooms.steady),
      sender(rooms.transport, rooms.budget, breaker, rooms.timer, rooms.clock,
             platform_clock, gate, options.sender),
      memory(rooms.store, rooms.clock),
      table(std::move(method_table)),
      methods(RestMethods(table)) {}

UpstreamCall::UpstreamCall(std::shared_ptr<CallWorld> world,
                           const RestMethod& method, const CallContext& context,
                           const Message& request, Message* response,
                           Backend::Done done)
    : world_(std::move(world)),
      method_(method),
      context_(context),
      request_(Copy(request)),
      resend_is_safe_(ResendIsSafe(method.method(), request)),
      response_(response),
      done_(std::move(done)) {
  noted_.key = {world_->options.app_id, method_.method().name(),
                RequestId(request).value_or("")};
  noted_.fingerprint = Fingerprint(request);
  FillDefaults(request_.get());
  if (!resend_is_safe_) noted_.conversation = ConversationOf(*request_);
}

void UpstreamCall::Start() {
  if (IsAnswered()) return;  // Too late for one that waited.
  if (noted_.key.request_id.empty()) {
    FillRandomIds(0);
    return Send();
  }
  using Turn = RunningRequests<UpstreamCall>::Turn;
  switch (world_->running.Begin({noted_.key.method, noted_.key.request_id},
                                noted_.fingerprint, shared_from_this())) {
    case Turn::kWait:
      return;
    case Turn::kReused:
      Answer(FieldError("REQUEST_ID_REUSED", "request_id",
                        absl::StrCat("request_id \"", noted_.key.request_id,
                                     "\" is used for another content")));
      return;
    case Turn::kFull:
      Answer(WithRetryDelay(
          MakeError("OVERLOADED", "too many calls with this request_id wait"),
          absl::Seconds(1)));
      return;
    case Turn::kRun:
      break;
  }
  world_->memory.Look(noted_,
                      [self = shared_from_this()](absl::StatusOr<Known> known) {
                        self->TakeKnown(std::move(known));
                      });
}

void UpstreamCall::TakeKnown(absl::StatusOr<Known> known) {
  if (!known.ok()) return End(known.status(), nullptr);
  if (known->state == Known::kAnswered) {
    std::unique_ptr<Message> response = NewResponse(method_);
    if (!response->ParseFromString(known->response)) {
      return End(MakeError("DATA_LOSS", "a kept answer is damaged"), nullptr);
    }
    world_->claimed.AddMadeBy(*response);
    return End(absl::OkStatus(), response.get());
  }
  FillRandomIds(known->random_id);
  if (known->state == Known::kNew || resend_is_safe_) return Send();
  {
    MutexLock lock(mu_);
    sent_ = SendingTime::Noted(known->sent_at, known->sent_there);
    was_sent_ = true;
  }
  is_noted_ = is_repeat_ = true;
  may_be_late_ = known->state == Known::kUnknown;
  WatchForEcho();
  LookForEffect();
}

// With those that it had when it was sent before, if it was.
void UpstreamCall::FillRandomIds(uint32_t known_id) {
  if (resend_is_safe_) return;
  const bool is_chosen = RandomIdOf(*request_) != 0;
  chatgate::FillRandomIds(world_->options.app_id, noted_.key.request_id,
                          known_id, request_.get());
  if (!is_chosen) noted_.random_id = RandomIdOf(*request_);
}

void UpstreamCall::Send() {
  Sending sending;
  sending.method = &method_;
  absl::StatusOr<RestCall> call =
      WriteRequest(method_, *request_, world_->options.app_id);
  if (!call.ok()) return EndFailed(call.status());
  sending.call = *std::move(call);
  sending.ask = Ask(method_);
  sending.resend_is_safe = resend_is_safe_;
  WatchForEcho();
  sending.before_send = [self = shared_from_this()](auto go) {
    self->NoteSending(std::move(go));
  };
  world_->sender.Send(std::move(sending),
                      [self = shared_from_this()](SendResult result) {
                        self->TakeResult(std::move(result));
                      });
}

void UpstreamCall::NoteSending(std::function<void(absl::Status)> go) {
  is_echoed_ = Echo() != nullptr;
  if (is_echoed_ || IsAnswered()) {
    return go(MakeError("CANCELLED", "the call was given up"));
  }
  {
    MutexLock lock(mu_);
    sent_ = SendingTime::Now(world_->platform_clock);
    was_sent_ = true;
    noted_.sent_there = sent_.there();
  }
  if (resend_is_safe_ || noted_.key.request_id.empty()) {
    return go(absl::OkStatus());
  }
  is_noted_ = true;
  world_->memory.NoteSending(noted_,
                             [self = shared_from_this(),
                              go = std::move(go)](const absl::Status& noted) {
                               // Whoever reads the note later takes it for the
                               // time of sending: where the disk was slow, it
                               // is noted anew.
                               if (noted.ok() && self->IsNoteOld())
                                 return self->NoteSending(go);
                               go(noted);
                             });
}

bool UpstreamCall::IsNoteOld() const {
  MutexLock lock(mu_);
  return sent_.Ago(world_->platform_clock) >
         world_->options.sender.request_max / 2;
}

void UpstreamCall::TakeResult(SendResult result) {
  Count(result);
  if (is_echoed_) return EndDone(Echo());
  switch (result.effect) {
    case SendResult::kDone:
      return EndDone(std::move(result.response));
    case SendResult::kNone:
      if (SaysDoneAlready(result.status)) return EndDone(NewResponse(method_));
      return EndFailed(result.status);
    case SendResult::kUnknown:
      break;
  }
  if (resend_is_safe_) return EndFailed(result.status);
  may_be_late_ = result.may_be_late;
  WaitForEffect();
}

bool UpstreamCall::IsAnswered() const {
  MutexLock lock(mu_);
  return response_ == nullptr;
}

std::unique_ptr<Message> UpstreamCall::Echo() const {
  MutexLock lock(mu_);
  if (echo_.empty()) return nullptr;
  std::unique_ptr<Message> response = NewResponse(method_);
  if (!response->ParseFromString(echo_)) return nullptr;
  return response;
}

void UpstreamCall::Count(const SendResult& result) {
  MutexLock lock(mu_);
  report_.cost += result.cost;
  report_.queued += result.queued;
}

// A webhook may be faster than the answer.
void UpstreamCall::WatchForEcho() {
  const uint32_t random_id = RandomIdOf(*request_);
  if (resend_is_safe_ || random_id == 0 || watch_ != nullptr) return;
  watch_ = world_->rooms.echoes.Watch(
      world_->options.app_id, random_id,
      [weak = weak_from_this()](const v1::ConversationPart& part) {
        if (const auto self = weak.lock()) self->TakeEcho(part);
      });
}

void UpstreamCall::TakeEcho(const v1::ConversationPart& part) {
  const uint64_t conversation = noted_.conversation;
  if (conversation != 0 && part.conversation() != conversation) return;
  const bool is_chosen = noted_.random_id == 0;
  if (is_chosen && !MayBeItsPart(*request_, part)) return;
  // Another call's, which has made a part or a whole conversation.
  const ClaimedIds& claimed = world_->claimed;
  if (claimed.Contains(part.id())) return;
  if (conversation == 0 && claimed.Contains(part.conversation())) return;
  std::string response = ResponseOfEcho(noted_.key.method, part);
  MutexLock lock(mu_);
  if (was_sent_) echo_ = std::move(response);
}

BudgetAsk UpstreamCall::Ask(const RestMethod& method) const {
  BudgetAsk ask;
  ask.priority = method.method().rest.priority();
  ask.caller = context_.caller;
  ask.method = method.method().name();
  ask.deadline = context_.deadline;
  return ask;
}

}  // namespace chatgate
