// Two gateways back to back: one is the chat platform, the other one's backend
// calls it over the Web API, and its webhooks are the other one's events.
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/status_macros.h"
#include "tests/integration/event_reader.h"
#include "tests/integration/gateway.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kForm[] = "application/x-www-form-urlencoded";
constexpr char kRules[] = R"(
rules {
  id: "greeting"
  match { phrases: "Hello, how are you" }
  actions { reply { body: "Hey, great!" } }
}
)";

v1::SubscribeRequest Earliest() {
  v1::SubscribeRequest request;
  request.set_start(v1::START_EARLIEST);
  return request;
}

const v1::ConversationPart& Part(const v1::Event& event) {
  return event.dashly_conversation().conversation();
}

bool IsAnswer(const v1::Event& event) {
  return Part(event).direction() == "a2u";
}

class TwoGatewaysTest : public ::testing::Test {
 protected:
  void SetUp() override {
    // Each needs the other's port, which it keeps.
    ASSERT_THAT(platform_.Start(), IsOk());
    front_.SetPlatform(absl::StrCat("web_api { base_url: \"http://",
                                    platform_.http_address(),
                                    "/v1\" requests_per_minute: 1000 }"));
    ASSERT_THAT(front_.Start(), IsOk());
    ASSERT_EQ(platform_.Stop(), 0);
    platform_.SetPlatform(absl::StrCat(
        "embedded { admins { id: 111 name: \"inkov\" } requests_per_minute: 0 "
        "webhooks { url: \"http://",
        front_.http_address(),
        "/webhooks/dashly\" allow_private_address: true } }"));
    ASSERT_THAT(platform_.Start(), IsOk());
  }

  absl::StatusOr<std::unique_ptr<ChildProcess>> StartResponder() {
    ASSIGN_OR_RETURN(
        std::unique_ptr<ChildProcess> responder,
        ChildProcess::Start(
            {Binary("chatgate-responder"), "--server", front_.grpc_address(),
             "--token_file", directory_.Write("caller.token", kCallerToken),
             "--rules", directory_.Write("rules.textproto", kRules),
             "--cursor_file", directory_.File("cursor")}));
    ASSIGN_OR_RETURN(const std::string line,
                     responder->ReadLine(absl::Seconds(60)));
    if (!absl::StartsWith(line, "chatgate-responder ready")) {
      return absl::InternalError(line);
    }
    return responder;
  }

  // A visitor of the platform writes.
  void Write(const std::string& body) {
    EXPECT_EQ(platform_
                  .Post("/v1/users/visitor-1/startconversation",
                        absl::StrCat("by_user_id=true&auth_token=", kApiToken,
                                     "&body=", body),
                        kForm)
                  .status,
              200);
  }

  v1::ListConversationPartsResponse Parts(const Gateway& gateway,
                                          uint64_t conversation) {
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::ListConversationPartsRequest request;
    request.set_conversation_id(conversation);
    v1::ListConversationPartsResponse response;
    const grpc::Status status =
        gateway.NewStub()->ListConversationParts(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  TempDir directory_;
  Gateway platform_;
  Gateway front_;
};

TEST_F(TwoGatewaysTest, ResponderOfOneAnswersAVisitorOfTheOtherOnce) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<ChildProcess> responder,
                       StartResponder());
  Write("Hello%2C+how+are+you");
  EventReader on_platform(platform_, Earliest());
  ASSERT_OK_AND_ASSIGN(const v1::Event answer,
                       on_platform.NextWhere(IsAnswer, absl::Seconds(60)));
  EXPECT_EQ(Part(answer).body(), "Hey, great!");
  // The answer is an event of the front, too: its webhook came back.
  EventReader on_front(front_, Earliest());
  ASSERT_OK_AND_ASSIGN(const v1::Event echo,
                       on_front.NextWhere(IsAnswer, absl::Seconds(60)));
  EXPECT_EQ(Part(echo).id(), Part(answer).id());
  EXPECT_NE(Part(echo).random_id(), 0u);

  const uint64_t conversation = Part(answer).conversation();
  EXPECT_EQ(Parts(platform_, conversation).parts_size(), 2);
  const v1::ListConversationPartsResponse parts = Parts(front_, conversation);
  ASSERT_EQ(parts.parts_size(), 2);
  EXPECT_EQ(parts.parts(0).body(), "Hey, great!");
  EXPECT_EQ(parts.parts(1).body(), "Hello, how are you");
}

TEST_F(TwoGatewaysTest, RequestIdIsRememberedAfterKillHard) {
  Write("Hi");
  EventReader reader(front_, Earliest());
  ASSERT_OK_AND_ASSIGN(const v1::Event event, reader.Next(absl::Seconds(60)));
  v1::ReplyToConversationRequest request;
  request.set_conversation_id(Part(event).conversation());
  request.set_body("once");
  request.set_request_id("one");
  const auto reply = [&] {
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::ReplyToConversationResponse response;
    const grpc::Status status =
        front_.NewStub()->ReplyToConversation(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.part().id();
  };
  const uint64_t first = reply();
  front_.KillHard();
  ASSERT_THAT(front_.Start(), IsOk());
  EXPECT_EQ(reply(), first);
  EXPECT_EQ(Parts(platform_, request.conversation_id()).parts_size(), 2);
}

TEST_F(TwoGatewaysTest, TokenIsNowhereInWhatTheFrontSays) {
  platform_.KillHard();
  EXPECT_EQ(front_.Stop(), 0);
  // Its standard error is that of this program.
  testing::internal::CaptureStderr();
  ASSERT_THAT(front_.Start(), IsOk());
  grpc::ClientContext context;
  Gateway::Authorize(&context);
  v1::GetConversationRequest request;
  request.set_conversation_id(5);
  v1::GetConversationResponse response;
  const grpc::Status status =
      front_.NewStub()->GetConversation(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), Not(HasSubstr(kApiToken)));
  EXPECT_THAT(status.error_details(), Not(HasSubstr(kApiToken)));
  EXPECT_EQ(front_.Stop(), 0);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              Not(HasSubstr(kApiToken)));
}

}  // namespace
}  // namespace chatgate
