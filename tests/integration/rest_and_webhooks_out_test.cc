// The embedded platform as its existing clients and receivers know it: calls
// come in over the Web API's REST form, and what is written goes out as
// Dashly's webhooks.
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/event_reader.h"
#include "tests/integration/gateway.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

constexpr char kForm[] = "application/x-www-form-urlencoded";

v1::SubscribeRequest Earliest() {
  v1::SubscribeRequest request;
  request.set_start(v1::START_EARLIEST);
  return request;
}

const v1::ConversationPart& Part(const v1::Event& event) {
  return event.dashly_conversation().conversation();
}

// A lead begins a conversation; the answer of the platform.
HttpAnswer Write(const Gateway& gateway, const std::string& body) {
  return gateway.Post(
      "/v1/users/visitor-1/startconversation",
      absl::StrCat("by_user_id=true&auth_token=", kApiToken, "&body=", body),
      kForm);
}

TEST(RestAndWebhooksOutTest, ACallOverRestIsAnEventOfTheStream) {
  Gateway gateway;
  ASSERT_THAT(gateway.Start(), IsOk());
  const HttpAnswer answer = Write(gateway, "hello+there");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("meta": {"status": 200})"));

  EventReader reader(gateway, Earliest());
  ASSERT_OK_AND_ASSIGN(const v1::Event event, reader.Next());
  EXPECT_EQ(Part(event).body(), "hello there");
  EXPECT_EQ(Part(event).direction(), "u2a");
}

TEST(RestAndWebhooksOutTest, ACallWithoutTheTokenChangesNothing) {
  Gateway gateway;
  ASSERT_THAT(gateway.Start(), IsOk());
  EXPECT_EQ(gateway
                .Post("/v1/users/visitor-1/startconversation",
                      "by_user_id=true&body=no", kForm)
                .status,
            401);
  EXPECT_EQ(Write(gateway, "yes").status, 200);
  EventReader reader(gateway, Earliest());
  ASSERT_OK_AND_ASSIGN(const v1::Event event, reader.Next());
  EXPECT_EQ(event.seq(), 1u);
  EXPECT_EQ(Part(event).body(), "yes");
}

// One gateway's webhooks are another one's events, and its conversations; also
// of messages that were written while the receiver was away.
TEST(RestAndWebhooksOutTest, WebhooksOfOneGatewayAreReceivedByAnother) {
  Gateway receiver;
  ASSERT_THAT(receiver.Start(), IsOk());
  Gateway sender(
      absl::StrCat("webhooks { url: \"http://", receiver.http_address(),
                   "/webhooks/dashly\" allow_private_address: true }"));
  ASSERT_THAT(sender.Start(), IsOk());

  ASSERT_EQ(Write(sender, "first").status, 200);
  {
    EventReader reader(receiver, Earliest());
    ASSERT_OK_AND_ASSIGN(const v1::Event event, reader.Next());
    EXPECT_EQ(event.source(), v1::EVENT_SOURCE_DASHLY);
    EXPECT_EQ(Part(event).body(), "first");
  }
  receiver.KillHard();
  ASSERT_EQ(Write(sender, "second").status, 200);
  ASSERT_THAT(receiver.Start(), IsOk());
  EventReader reader(receiver, Earliest());
  ASSERT_OK_AND_ASSIGN(
      const v1::Event second,
      reader.NextWhere(
          [](const v1::Event& e) { return Part(e).body() == "second"; },
          absl::Seconds(60)));
  EXPECT_EQ(second.seq(), 2u);

  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<ChildProcess> listing,
      ChildProcess::Start({Binary("chatgatectl"), "--server",
                           sender.grpc_address(), "webhooks", "list"},
                          {absl::StrCat("CHATGATE_TOKEN=", kCallerToken)}));
  EXPECT_THAT(listing->ReadAll(absl::Seconds(20)),
              HasSubstr(absl::StrCat("url=http://", receiver.http_address())));
  EXPECT_EQ(listing->Wait(), 0);
}

}  // namespace
}  // namespace chatgate
