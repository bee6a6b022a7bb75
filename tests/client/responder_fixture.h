#ifndef CHATGATE_TESTS_CLIENT_RESPONDER_FIXTURE_H_
#define CHATGATE_TESTS_CLIENT_RESPONDER_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/chat_client.h"
#include "client/responder/responder.h"
#include "client/testing/fake_chat_service.h"
#include "gtest/gtest.h"
#include "server/base/mutex.h"
#include "tests/client/fake_waiter.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

// One rule that answers "Hello, how are you", with so many replies.
v1::RuleFile Greeting(int actions = 1);

// `event`, a part of conversation 5, as an operator's answer.
v1::Event HumanAnswer(v1::Event event);

// A responder against a gateway in memory.
class ResponderTest : public ::testing::Test {
 protected:
  ~ResponderTest() override { Stop(); }

  void Start(const v1::RuleFile& file = Greeting()) ABSL_LOCKS_EXCLUDED(mu_);
  // Does not wait for the first response.
  void Begin(const v1::RuleFile& file = Greeting()) ABSL_LOCKS_EXCLUDED(mu_);
  void Stop();
  // Waits for Run to end by itself.
  void Join();

  // A lead's message in conversation 5.
  v1::Event Message(absl::string_view text);
  v1::Event Hello() { return Message("hello, how are you?"); }
  static v1::ConversationPart& Part(v1::Event& event) {
    return *event.mutable_dashly_conversation()->mutable_conversation();
  }

  // Returns once everything published so far is done with: a message of another
  // conversation, sent last, has been answered.
  void Settle();
  // Bodies of the answers, those of Settle left out.
  std::vector<std::string> Answers();
  std::set<std::string> AnswerIds();

  // More than one in flight would leave open what is answered first.
  AnswerQueueOptions queue_{.in_flight_max = 1};
  TempDir dir_;
  std::string cursor_file_ = dir_.File("cursor");
  FakeClock clock_;
  FakeWaiter waiter_;
  FakeChatService service_{clock_};
  std::unique_ptr<ChatClient> client_ =
      ChatClient::Over(service_.InProcess(), ClientOptions{.waiter = &waiter_});
  std::unique_ptr<Responder> responder_;
  std::thread runner_;
  absl::Status end_;
  AnswerCounts counts_;
  uint64_t last_part_ = 0;

  Mutex mu_;
  CondVar changed_;
  bool ready_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_CLIENT_RESPONDER_FIXTURE_H_
