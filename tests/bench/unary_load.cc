#include "tests/bench/unary_load.h"

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr int kConnections = 4;
constexpr std::chrono::seconds kPatience(20);

}  // namespace

struct UnaryLoad::Call {
  uint64_t number = 0;
  grpc::GenericStub* stub = nullptr;
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer reply;
  grpc::Status status;
};

UnaryLoad::UnaryLoad(const std::string& address, std::string token,
                     int in_flight, UnaryScript& script)
    : script_(script),
      method_(script.Method()),
      authorization_(absl::StrCat("Bearer ", token)),
      stubs_(Connect(address, kConnections)) {
  for (int i = 0; i < in_flight; ++i) {
    calls_.push_back(std::make_unique<Call>());
    calls_.back()->stub = stubs_[static_cast<size_t>(i % kConnections)].get();
  }
}

UnaryLoad::~UnaryLoad() {
  for (const auto& call : calls_) {
    if (call->context.has_value()) call->context->TryCancel();
  }
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) continue;
}

absl::StatusOr<double> UnaryLoad::Run(absl::Duration time) {
  const auto begin = std::chrono::steady_clock::now();
  const auto end = begin + absl::ToChronoNanoseconds(time);
  const uint64_t before = answered_;
  for (const auto& call : calls_) Start(*call);
  size_t under_way = calls_.size();
  auto now = begin;
  while (under_way > 0) {
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok,
                         std::chrono::system_clock::now() + kPatience) !=
        grpc::CompletionQueue::GOT_EVENT) {
      return absl::DeadlineExceededError(
          absl::StrCat(under_way, " calls were not answered, of ", asked_));
    }
    Call& call = *static_cast<Call*>(tag);
    RETURN_IF_ERROR(Check(call));
    ++answered_;
    now = std::chrono::steady_clock::now();
    if (now < end) {
      Start(call);
    } else {
      --under_way;
    }
  }
  return static_cast<double>(answered_ - before) /
         std::chrono::duration<double>(now - begin).count();
}

void UnaryLoad::Start(Call& call) {
  call.number = asked_++;
  call.reader.reset();
  call.context.emplace();
  call.context->AddMetadata("authorization", authorization_);
  call.reader = call.stub->PrepareUnaryCall(
      &*call.context, method_, script_.Request(call.number), &queue_);
  call.reader->StartCall();
  call.reader->Finish(&call.reply, &call.status, &call);
}

absl::Status UnaryLoad::Check(const Call& call) {
  if (call.status.ok()) {
    return script_.Check(call.number, ToString(call.reply));
  }
  return absl::UnavailableError(absl::StrCat(
      "call ", call.number, " was refused with code ", call.status.error_code(),
      ": ", call.status.error_message()));
}

}  // namespace chatgate
