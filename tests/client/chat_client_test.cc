#include "client/chat_client.h"

#include <google/protobuf/descriptor.h>

#include <set>

#include "client/status.h"
#include "client/testing/fake_chat_service.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_waiter.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class ChatClientTest : public ::testing::Test {
 protected:
  std::unique_ptr<ChatClient> Client(const std::string& token = "") {
    ClientOptions options;
    options.token = token;
    options.waiter = &waiter_;
    options.default_deadline = absl::Seconds(30);
    return ChatClient::Over(service_.InProcess(), options);
  }
  absl::Status Get(const CallOptions& options = {}) {
    v1::GetConversationResponse response;
    return client_->GetConversation({}, &response, options);
  }
  absl::Status Reply(const std::string& request_id = "") {
    v1::ReplyToConversationRequest request;
    request.set_request_id(request_id);
    request.set_body("hello");
    v1::ReplyToConversationResponse response;
    return client_->ReplyToConversation(request, &response);
  }

  FakeWaiter waiter_;
  FakeChatService service_;
  std::unique_ptr<ChatClient> client_ = Client();
};

TEST_F(ChatClientTest, CallGivesTheAnswer) {
  v1::GetConversationResponse canned;
  canned.mutable_conversation()->set_id(18446744073709551615u);
  service_.Answer("GetConversation", canned);
  v1::GetConversationResponse response;
  ASSERT_THAT(client_->GetConversation({}, &response), IsOk());
  EXPECT_EQ(response.conversation().id(), 18446744073709551615u);
}

// The list of typed calls is written by hand; this holds it to the contract.
TEST_F(ChatClientTest, TypedCallsAreTheUnaryMethodsOfTheContract) {
  std::set<std::string> listed;
#define CHATGATE_CALL(Rpc) listed.insert(#Rpc);
#include "client/rpc_list.inc"
#undef CHATGATE_CALL
  std::set<std::string> unary;
  for (const auto* method : ChatClient::Methods()) {
    if (method->service()->name() == "ChatService")
      unary.insert(method->name());
  }
  EXPECT_EQ(listed, unary);
}

TEST_F(ChatClientTest, UnknownMethodIsNotFound) {
  v1::GetConversationResponse response;
  EXPECT_THAT(client_->Call("Nothing", v1::GetConversationRequest(), &response),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("Nothing")));
  EXPECT_THAT(
      client_->Call("Subscribe", v1::GetConversationRequest(), &response),
      StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ChatClientTest, MessagesOfAnotherMethodAreRefused) {
  v1::GetConversationResponse response;
  EXPECT_THAT(client_->Call("GetConversation", v1::GetUserRequest(), &response),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("GetConversationRequest")));
}

TEST_F(ChatClientTest, TokenIsSent) {
  service_.RequireToken("secret");
  EXPECT_THAT(Get(), StatusIs(absl::StatusCode::kUnauthenticated));
  client_ = Client("secret");
  EXPECT_THAT(Get(), IsOk());
}

TEST_F(ChatClientTest, ReadsAreRetriedWhenTheGatewayIsUnavailable) {
  service_.FailNext("GetConversation", absl::UnavailableError("restart"), 3);
  EXPECT_THAT(Get(), IsOk());
  EXPECT_EQ(service_.calls("GetConversation"), 4);
  EXPECT_EQ(waiter_.backoffs().size(), 3u);
}

TEST_F(ChatClientTest, RetriesCanBeSwitchedOff) {
  service_.FailNext("GetConversation", absl::UnavailableError("restart"));
  CallOptions once;
  once.retry = false;
  EXPECT_THAT(Get(once), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(service_.calls("GetConversation"), 1);
}

TEST_F(ChatClientTest, RefusalsAreNotRetried) {
  service_.FailNext("GetConversation", absl::NotFoundError("no such id"));
  EXPECT_THAT(Get(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(service_.calls("GetConversation"), 1);
}

TEST_F(ChatClientTest, RetryInfoIsHonoured) {
  service_.FailNext("GetConversation",
                    WithRetryDelay(absl::ResourceExhaustedError("budget"),
                                   absl::Milliseconds(7'500)));
  EXPECT_THAT(Get(), IsOk());
  EXPECT_THAT(waiter_.backoffs(), ElementsAre(Ge(absl::Milliseconds(7'500))));
}

TEST_F(ChatClientTest, WithoutRetryInfoAFullBudgetIsAnError) {
  service_.FailNext("GetConversation", absl::ResourceExhaustedError("budget"));
  EXPECT_THAT(Get(), StatusIs(absl::StatusCode::kResourceExhausted));
}

// What cannot start before the deadline is refused at once, with the cause.
TEST_F(ChatClientTest, RetryBeyondTheDeadlineIsNotWaitedFor) {
  service_.FailNext(
      "GetConversation",
      WithRetryDelay(absl::ResourceExhaustedError("budget"), absl::Minutes(1)));
  EXPECT_THAT(Get(), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(waiter_.backoffs(), ElementsAre());
}

TEST_F(ChatClientTest, DeadlineEndsACallThatIsNotAnswered) {
  service_.OnCall([](absl::string_view) {
    // Longer than the call may take; ends with the test's patience anyway.
    Mutex mu;
    CondVar never;
    MutexLock lock(mu);
    never.WaitFor(mu, absl::Milliseconds(200));
  });
  CallOptions options;
  options.deadline = absl::Milliseconds(20);
  EXPECT_THAT(Get(options), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(ChatClientTest, RequestIdIsMadeUpOnceForAllAttempts) {
  service_.FailNext("ReplyToConversation", absl::UnavailableError("x"), 2);
  ASSERT_THAT(Reply(), IsOk());
  const auto ids = service_.request_ids("ReplyToConversation");
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_THAT(ids, Each(ids.front()));
  EXPECT_THAT(ids.front(), MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                        "[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST_F(ChatClientTest, EveryCallHasARequestIdOfItsOwn) {
  ASSERT_THAT(Reply(), IsOk());
  ASSERT_THAT(Reply(), IsOk());
  const auto ids = service_.request_ids("ReplyToConversation");
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_NE(ids[0], ids[1]);
}

TEST_F(ChatClientTest, CallersRequestIdIsKept) {
  ASSERT_THAT(Reply("mine"), IsOk());
  EXPECT_THAT(service_.request_ids("ReplyToConversation"), ElementsAre("mine"));
}

TEST_F(ChatClientTest, DetailsOfAnErrorAreReadable) {
  service_.FailNext("ReplyToConversation",
                    WithReason(absl::InvalidArgumentError("used before"),
                               "REQUEST_ID_REUSED"));
  const absl::Status status = Reply("mine");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ErrorReason(status), "REQUEST_ID_REUSED");
  EXPECT_EQ(ErrorLine(status),
            "INVALID_ARGUMENT: used before (REQUEST_ID_REUSED)");
}

TEST(ChatClientConnectTest, AddressWithoutPortIsRefused) {
  for (const char* server : {"", "localhost", ":50051", "localhost:0",
                             "localhost:70000", "localhost:x"}) {
    ClientOptions options;
    options.server = server;
    EXPECT_THAT(
        ChatClient::Connect(options),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("HOST:PORT")));
  }
}

TEST(ChatClientConnectTest, ConnectReachesAPort) {
  FakeChatService service;
  ClientOptions options;
  options.server = service.address();
  ASSERT_OK_AND_ASSIGN(auto client, ChatClient::Connect(options));
  v1::ListChannelsResponse response;
  EXPECT_THAT(client->ListChannels({}, &response), IsOk());
}

}  // namespace
}  // namespace chatgate
