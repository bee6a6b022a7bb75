#ifndef CHATGATE_TESTS_CALL_SHARING_CALL_SHARING_FIXTURE_H_
#define CHATGATE_TESTS_CALL_SHARING_CALL_SHARING_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "chatgate/v1/chat_service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/call_sharing/call_sharing.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace chatgate {

// Holds its calls until the test answers them, in any order.
class HeldBackend final : public Backend {
 public:
  struct Held {
    CallContext context;
    const google::protobuf::Message* request;
    google::protobuf::Message* response;
    Done done;
  };

  void Call(const CallContext& context,
            const google::protobuf::Message& request,
            google::protobuf::Message* response, Done done) override {
    ++calls;
    held.push_back({context, &request, response, std::move(done)});
  }

  // The oldest call ends; a conversation's answer tells `parts`.
  void Answer(absl::Status status = absl::OkStatus(), int parts = 0);

  int calls = 0;  // So far.
  std::vector<Held> held;
};

// One call, as its caller sees it.
template <typename Response>
struct TestCall {
  Response response;
  CallReport report;
  std::optional<absl::Status> status;
};

class CallSharingTest : public ::testing::Test {
 protected:
  CallSharingTest();

  // Begins a call; `patience` is that of its deadline.
  template <typename Response, typename Request>
  std::unique_ptr<TestCall<Response>> Begin(
      const Request& request, const std::string& caller = "a",
      absl::Duration patience = absl::Seconds(20)) {
    auto call = std::make_unique<TestCall<Response>>();
    CallContext context;
    context.app_id = 777;
    context.caller = caller;
    context.deadline = clock_.Now() + patience;
    context.report = &call->report;
    sharing_->Call(context, request, &call->response,
                   [call = call.get()](absl::Status status) {
                     call->status = std::move(status);
                   });
    return call;
  }

  using Read = std::unique_ptr<TestCall<v1::GetConversationResponse>>;
  Read BeginRead(uint64_t id, absl::Duration staleness = absl::ZeroDuration(),
                 const std::string& caller = "a",
                 absl::Duration patience = absl::Seconds(20));
  // Reads and is answered by the backend.
  void KnowConversation(uint64_t id, int parts);

  void AdvanceTime(absl::Duration by) {
    clock_.AdvanceTime(by);
    steady_.AdvanceTime(by);
  }

  FakeClock clock_;
  FakeClock steady_;  // Nobody sets it.
  MethodTable methods_;
  HeldBackend backend_;
  std::vector<std::string> saved_;  // `CALLER METHOD`.
  std::unique_ptr<CallSharing> sharing_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_CALL_SHARING_CALL_SHARING_FIXTURE_H_
