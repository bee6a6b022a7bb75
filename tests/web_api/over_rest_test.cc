// The embedded platform, spoken to as if it were the real one.
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/log.h"
#include "tests/conformance/story.h"
#include "tests/support/loopback_server.h"
#include "tests/web_api/over_rest_fixture.h"

namespace chatgate {
namespace {

using ::google::protobuf::Message;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(OverRestTest, EveryMethodAnswersAsTheWebApi) {
  Connect(server_->port());
  TellStory(
      [this](const std::string&, const Message& request, Message* response) {
        return CallOverRest(request, response);
      });
}

TEST_F(OverRestTest, RepeatedRequestIdMakesOnePart) {
  Connect(server_->port());
  const uint64_t conversation = StartConversation("Hello");
  v1::ReplyToConversationRequest request;
  request.set_conversation_id(conversation);
  request.set_body("Hi");
  request.set_request_id("a");
  ASSERT_OK_AND_ASSIGN(const auto first,
                       AskOverRest<v1::ReplyToConversationResponse>(request));
  ASSERT_OK_AND_ASSIGN(const auto second,
                       AskOverRest<v1::ReplyToConversationResponse>(request));
  EXPECT_EQ(first.part().id(), second.part().id());
  EXPECT_EQ(Parts(conversation).size(), 2u);
}

TEST_F(OverRestTest, WrongTokenIsThePlatformsError) {
  Connect(server_->port(), "app.777.none");
  EXPECT_THAT(AskOverRest<v1::ListChannelsResponse>(v1::ListChannelsRequest()),
              FailsAs("NotAuthenticated"));
}

// Every way to fail says something; none says the token.
TEST_F(OverRestTest, TokenIsInNothingThatIsSaid) {
  SetLogLevel(LogLevel::kDebug);
  testing::internal::CaptureStderr();
  options_.breaker.failures_max = 2;
  options_.breaker.on_health = [](const absl::Status& health) {
    LogError("health", {{"reason", health.ToString()}});
  };
  const std::string echo = absl::StrCat("token ", kToken, " is bad");
  const std::string envelope = absl::StrCat(
      R"({"meta":{"error":"BadRequest","error_message":")", echo, "\"}}");
  std::string said;
  for (const std::string& answer :
       {std::string(""), std::string("SSH-2.0-x\r\n"), HttpText(200, "{"),
        HttpText(401, echo), HttpText(302, "", "Location: /login\r\n"),
        HttpText(400, envelope), HttpText(500, envelope)}) {
    LoopbackServer platform([&answer](Peer& peer) {
      peer.ReadRequest();
      peer.Write(answer);
    });
    Connect(platform.port());
    v1::GetConversationRequest read;
    read.set_conversation_id(5);
    v1::ReplyToConversationRequest reply;
    reply.set_conversation_id(5);
    reply.set_body("Hi");
    for (int i = 0; i < 2; ++i) {
      absl::StrAppend(
          &said,
          AskOverRest<v1::GetConversationResponse>(read).status().ToString(),
          AskOverRest<v1::ReplyToConversationResponse>(reply)
              .status()
              .ToString(),
          client_.backend->Health().ToString());
    }
    Disconnect();
  }
  absl::StrAppend(&said, testing::internal::GetCapturedStderr());
  SetLogLevel(LogLevel::kInfo);
  EXPECT_THAT(said, HasSubstr("health"));
  EXPECT_THAT(said, HasSubstr("token ... is bad"));
  EXPECT_THAT(said, Not(HasSubstr(kToken)));
  EXPECT_THAT(said, Not(HasSubstr("0123456789")));
}

}  // namespace
}  // namespace chatgate
