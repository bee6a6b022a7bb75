#include "client/testing/fake_chat_service.h"

#include <grpcpp/channel.h>

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "chatgate_wire/rpc_status.pb.h"
#include "client/testing/fake_chat_impl.h"

namespace chatgate {
namespace {

using google::protobuf::Message;

constexpr absl::Duration kPatience = absl::Seconds(30);

absl::Status WithDetail(absl::Status status, absl::string_view name,
                        const Message& detail) {
  status.SetPayload(absl::StrCat("type.googleapis.com/google.rpc.", name),
                    absl::Cord(detail.SerializeAsString()));
  return status;
}

}  // namespace

inline namespace fake_chat_service {

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  wire::RetryInfo info;
  const int64_t seconds = absl::IDivDuration(delay, absl::Seconds(1), &delay);
  info.mutable_retry_delay()->set_seconds(seconds);
  info.mutable_retry_delay()->set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(delay)));
  return WithDetail(std::move(status), "RetryInfo", info);
}

}  // namespace fake_chat_service

absl::Status WithReason(absl::Status status, absl::string_view reason) {
  wire::ErrorInfo info;
  info.set_reason(std::string(reason));
  return WithDetail(std::move(status), "ErrorInfo", info);
}

FakeChatService::FakeChatService() : FakeChatService(Clock::System()) {}
FakeChatService::FakeChatService(const Clock& clock)
    : impl_(std::make_unique<Impl>(clock)) {}
FakeChatService::~FakeChatService() = default;

std::shared_ptr<grpc::Channel> FakeChatService::InProcess() {
  return impl_->server->InProcessChannel({});
}
const std::string& FakeChatService::address() const { return impl_->address; }

uint64_t FakeChatService::Publish(v1::Event event) {
  MutexLock lock(impl_->mu);
  impl_->changed.SignalAll();
  return impl_->log.Append(std::move(event));
}

void FakeChatService::Forget(uint64_t seq) {
  MutexLock lock(impl_->mu);
  impl_->log.Forget(seq);
}

void FakeChatService::EndStreams(const absl::Status& status) {
  MutexLock lock(impl_->mu);
  ++impl_->stream_generation;
  impl_->stream_end = status;
  impl_->stream_reconnect.reset();
  impl_->changed.SignalAll();
}

void FakeChatService::EndStreamsWith(const v1::Reconnect& reconnect) {
  MutexLock lock(impl_->mu);
  ++impl_->stream_generation;
  impl_->stream_reconnect = reconnect;
  impl_->changed.SignalAll();
}

void FakeChatService::FailNext(absl::string_view rpc,
                               const absl::Status& status, int times) {
  MutexLock lock(impl_->mu);
  auto& waiting = impl_->failures[std::string(rpc)];
  waiting.insert(waiting.end(), times, status);
}

void FakeChatService::SetSilent(bool silent) {
  MutexLock lock(impl_->mu);
  impl_->silent = silent;
}

void FakeChatService::IgnoreFilters() {
  MutexLock lock(impl_->mu);
  impl_->ignore_filters = true;
}

void FakeChatService::RequireToken(absl::string_view token) {
  MutexLock lock(impl_->mu);
  impl_->token = std::string(token);
}

void FakeChatService::Answer(absl::string_view rpc, const Message& response) {
  MutexLock lock(impl_->mu);
  impl_->answers[std::string(rpc)] = response.SerializeAsString();
}

void FakeChatService::OnCall(std::function<void(absl::string_view)> on_call) {
  MutexLock lock(impl_->mu);
  impl_->on_call = std::move(on_call);
}

std::vector<v1::SubscribeRequest> FakeChatService::subscribes() const {
  MutexLock lock(impl_->mu);
  return impl_->subscribes;
}

std::vector<v1::ReplyToConversationRequest> FakeChatService::replies() const {
  MutexLock lock(impl_->mu);
  return impl_->replies;
}

int FakeChatService::calls(absl::string_view rpc) const {
  MutexLock lock(impl_->mu);
  return impl_->calls[std::string(rpc)];
}

std::vector<std::string> FakeChatService::request_ids(
    absl::string_view rpc) const {
  MutexLock lock(impl_->mu);
  return impl_->request_ids[std::string(rpc)];
}

int FakeChatService::streams_open() const {
  MutexLock lock(impl_->mu);
  return impl_->streams_open;
}

int FakeChatService::streams_open_max() const {
  MutexLock lock(impl_->mu);
  return impl_->streams_open_max;
}

bool FakeChatService::AwaitSubscribes(size_t count) {
  const absl::Time end = absl::Now() + kPatience;
  MutexLock lock(impl_->mu);
  while (impl_->subscribes.size() < count) {
    if (!impl_->AwaitChange(end)) return false;
  }
  return true;
}

bool FakeChatService::AwaitReplies(size_t count) {
  const absl::Time end = absl::Now() + kPatience;
  MutexLock lock(impl_->mu);
  while (impl_->replies.size() < count) {
    if (!impl_->AwaitChange(end)) return false;
  }
  return true;
}

bool FakeChatService::AwaitCalls(absl::string_view rpc, int count) {
  const absl::Time end = absl::Now() + kPatience;
  MutexLock lock(impl_->mu);
  while (impl_->calls[std::string(rpc)] < count) {
    if (!impl_->AwaitChange(end)) return false;
  }
  return true;
}

bool FakeChatService::AwaitNoStreams() {
  const absl::Time end = absl::Now() + kPatience;
  MutexLock lock(impl_->mu);
  while (impl_->streams_open > 0) {
    if (!impl_->AwaitChange(end)) return false;
  }
  return true;
}

}  // namespace chatgate
