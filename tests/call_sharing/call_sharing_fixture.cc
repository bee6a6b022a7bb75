#include "tests/call_sharing/call_sharing_fixture.h"

#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

MethodTable Methods() {
  return *MethodTable::Build(
      *v1::GetConversationRequest::descriptor()->file()->FindServiceByName(
          "ChatService"));
}

}  // namespace

void HeldBackend::Answer(absl::Status status, int parts) {
  ASSERT_FALSE(held.empty());
  const Held call = std::move(held.front());
  held.erase(held.begin());
  auto* conversation =
      google::protobuf::DynamicCastToGenerated<v1::GetConversationResponse>(
          call.response);
  if (conversation != nullptr) {
    conversation->mutable_conversation()->set_parts_count(parts);
  }
  if (call.context.report != nullptr) {
    call.context.report->cost = 1;
    call.context.report->served_from = "upstream";
  }
  call.done(std::move(status));
}

CallSharingTest::CallSharingTest() : methods_(Methods()) {
  CallSharingOptions options;
  options.on_saved = [this](uint64_t, const std::string& caller,
                            const std::string& method) {
    saved_.push_back(absl::StrCat(caller, " ", method));
  };
  sharing_ = std::make_unique<CallSharing>(backend_, methods_, clock_, steady_,
                                           options);
}

CallSharingTest::Read CallSharingTest::BeginRead(uint64_t id,
                                                 absl::Duration staleness,
                                                 const std::string& caller,
                                                 absl::Duration patience) {
  v1::GetConversationRequest request;
  request.set_conversation_id(id);
  if (staleness > absl::ZeroDuration()) {
    request.mutable_max_staleness()->set_seconds(
        absl::ToInt64Seconds(staleness));
  }
  return Begin<v1::GetConversationResponse>(request, caller, patience);
}

void CallSharingTest::KnowConversation(uint64_t id, int parts) {
  const Read read = BeginRead(id);
  backend_.Answer(absl::OkStatus(), parts);
}

}  // namespace chatgate
