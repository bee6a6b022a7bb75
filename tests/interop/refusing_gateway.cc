// A gateway whose budget is used up: refuses ReplyToConversation twice with
// RESOURCE_EXHAUSTED and RetryInfo, then answers. Its first stream is refused
// likewise, its second ends with DATA_LOSS. Says where it listens; at the end
// of its input it lists the request ids that it was sent, one a line.
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/testing/fake_chat_service.h"

int main() {
  chatgate::FakeChatService gateway;
  gateway.RequireToken(std::getenv("CHATGATE_TOKEN"));
  gateway.FailNext("ReplyToConversation",
                   chatgate::WithRetryDelay(
                       absl::ResourceExhaustedError("the budget is used up"),
                       absl::Milliseconds(300)),
                   2);
  gateway.FailNext(
      "Subscribe",
      chatgate::WithRetryDelay(absl::ResourceExhaustedError("too many streams"),
                               absl::Milliseconds(1'500)));
  gateway.FailNext("Subscribe", absl::DataLossError("a record is damaged"));
  std::cout << gateway.address() << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  for (const std::string& id : gateway.request_ids("ReplyToConversation")) {
    std::cout << id << '\n';
  }
  return 0;
}
