#include "tests/bench/conversations.h"

#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tests/bench/sample_event.h"

namespace chatgate {
namespace {

absl::Status Refused(absl::string_view what, const grpc::Status& status) {
  return absl::UnavailableError(
      absl::StrCat(what, " was refused: ", status.error_message()));
}

}  // namespace

absl::StatusOr<std::vector<uint64_t>> StartConversations(const Gateway& gateway,
                                                         int count) {
  const std::unique_ptr<v1::ChatService::Stub> stub = gateway.NewStub();
  std::vector<uint64_t> ids;
  for (int i = 0; i < count; ++i) {
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::StartConversationRequest request;
    request.set_user_id(absl::StrCat("visitor-", i));
    request.set_by_user_id(true);
    request.set_body(SampleWords());
    v1::StartConversationResponse response;
    const grpc::Status status =
        stub->StartConversation(&context, request, &response);
    if (!status.ok()) return Refused("StartConversation", status);
    ids.push_back(response.id());
  }
  return ids;
}

absl::StatusOr<uint64_t> CountParts(
    const Gateway& gateway, const std::vector<uint64_t>& conversations) {
  const std::unique_ptr<v1::ChatService::Stub> stub = gateway.NewStub();
  uint64_t parts = 0;
  for (const uint64_t id : conversations) {
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::GetConversationRequest request;
    request.set_conversation_id(id);
    v1::GetConversationResponse response;
    const grpc::Status status =
        stub->GetConversation(&context, request, &response);
    if (!status.ok()) return Refused("GetConversation", status);
    parts += static_cast<uint64_t>(response.conversation().parts_count());
  }
  return parts;
}

}  // namespace chatgate
