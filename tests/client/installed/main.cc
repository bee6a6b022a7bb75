// What a user's first test may look like: a gateway in memory, a message, an
// answer, and a stream that sees it.
#include <iostream>
#include <memory>

#include "client/chat_client.h"
#include "client/status.h"
#include "client/subscription.h"
#include "client/testing/fake_chat_service.h"

namespace v1 = chatgate::v1;

int main() {
  chatgate::FakeChatService service;
  chatgate::ClientOptions options;
  options.server = service.address();
  auto client = chatgate::ChatClient::Connect(options);
  if (!client.ok()) return 1;

  chatgate::SubscriptionOptions stream;
  stream.request.set_start(v1::START_EARLIEST);
  const auto events = chatgate::Subscription::Start(**client, stream);

  v1::ReplyToConversationRequest request;
  request.set_conversation_id(5);
  request.set_body("Hey, great!");
  v1::ReplyToConversationResponse response;
  const absl::Status replied =
      (*client)->ReplyToConversation(request, &response);
  if (!replied.ok()) {
    std::cerr << chatgate::ErrorLine(replied) << "\n";
    return 1;
  }
  const absl::Status end = events->Run([&](const v1::SubscribeResponse& seen) {
    for (const v1::Event& event : seen.events()) {
      std::cout << event.dashly_conversation().conversation().body() << "\n";
      events->Stop();
    }
    return absl::OkStatus();
  });
  return end.ok() ? 0 : 1;
}
