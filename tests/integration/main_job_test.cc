// The main job, with the real programs: a webhook comes in, a subscriber sees
// it, a bot answers, and all of it survives kill -9.
#include <grpcpp/grpcpp.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
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
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr uint64_t kConversation = 64558819;
constexpr uint64_t kLead = 85648207;
constexpr char kRules[] = R"(
rules {
  id: "greeting"
  match { phrases: "Hello, how are you" }
  actions { reply { body: "Hey, great!" } }
}
)";

const v1::ConversationPart& Part(const v1::Event& event) {
  return event.dashly_conversation().conversation();
}

bool IsAnswer(const v1::Event& event) {
  return event.source() == v1::EVENT_SOURCE_EMBEDDED &&
         Part(event).direction() == "a2u";
}

class MainJobTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(gateway_.Start(), IsOk()); }

  v1::SubscribeRequest From(v1::Start start) {
    v1::SubscribeRequest request;
    request.set_start(start);
    return request;
  }
  v1::SubscribeRequest After(const std::string& cursor) {
    v1::SubscribeRequest request;
    request.set_cursor(cursor);
    return request;
  }

  absl::StatusOr<std::unique_ptr<ChildProcess>> StartResponder() {
    const std::string rules = directory_.Write("rules.textproto", kRules);
    const std::string token = directory_.Write("caller.token", kCallerToken);
    ASSIGN_OR_RETURN(
        std::unique_ptr<ChildProcess> responder,
        ChildProcess::Start({Binary("chatgate-responder"), "--server",
                             gateway_.grpc_address(), "--token_file", token,
                             "--rules", rules, "--cursor_file",
                             directory_.File("cursor")}));
    ASSIGN_OR_RETURN(const std::string line,
                     responder->ReadLine(absl::Seconds(60)));
    if (!absl::StartsWith(line, "chatgate-responder ready")) {
      return absl::InternalError(line);
    }
    return responder;
  }

  v1::Conversation GetConversation() {
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::GetConversationRequest request;
    request.set_conversation_id(kConversation);
    v1::GetConversationResponse response;
    const grpc::Status status =
        gateway_.NewStub()->GetConversation(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.conversation();
  }

  HttpAnswer PostChatlio(const std::string& hook, const std::string& body) {
    return gateway_.Post(
        absl::StrCat("/webhooks/chatlio/", kChatlioSecret, "/", hook), body,
        "application/json");
  }

  TempDir directory_;
  Gateway gateway_;
};

TEST_F(MainJobTest, SubscribersReceiveTheSeedsDashlyWebhookTyped) {
  EventReader waiting(gateway_, From(v1::START_LATEST));
  EXPECT_TRUE(waiting.first_had_heartbeat());

  ASSERT_EQ(
      gateway_.PostDashly(WebhookSample("dashly_conversation.json")).status,
      200);

  ASSERT_OK_AND_ASSIGN(const v1::Event event, waiting.Next());
  EXPECT_EQ(event.app_id(), 777u);
  EXPECT_EQ(event.source(), v1::EVENT_SOURCE_DASHLY);
  EXPECT_EQ(event.conversation(), "dashly:64558819");
  EXPECT_EQ(event.occurred_time().seconds(), 1492604036);
  EXPECT_EQ(Part(event).id(), 78183798u);
  EXPECT_EQ(Part(event).conversation(), kConversation);
  EXPECT_EQ(Part(event).body(), "ewfwfwef");
  EXPECT_EQ(Part(event).direction(), "u2a");
  EXPECT_EQ(Part(event).type(), "reply_user");
  EXPECT_EQ(Part(event).sent_via(), "web_user");
  EXPECT_EQ(Part(event).created(), 1492604036);
  EXPECT_EQ(Part(event).random_id(), 132466821u);
  EXPECT_EQ(Part(event).sender().user_id(), kLead);
  EXPECT_EQ(Part(event).assignee().id(), 111u);
  EXPECT_EQ(Part(event).assignee().name(), "inkov");
  EXPECT_TRUE(Part(event).has_conversation_closed());
  EXPECT_EQ(Part(event).unknown_fields_json(), "");
  EXPECT_EQ(event.raw(), "") << "bodies come only when asked for";

  // One that comes later receives it from its cursor.
  EventReader later(gateway_, From(v1::START_EARLIEST));
  ASSERT_OK_AND_ASSIGN(const v1::Event replayed,
                       later.NextWhere([&](const v1::Event& e) {
                         return e.seq() == event.seq();
                       }));
  EXPECT_EQ(replayed.SerializeAsString(), event.SerializeAsString());
}

TEST_F(MainJobTest, ARepeatedWebhookIsOneEvent) {
  EventReader waiting(gateway_, From(v1::START_LATEST));
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(gateway_.PostDashly(LeadPart(1, kConversation, "once")).status,
              200);
  }
  ASSERT_EQ(gateway_.PostDashly(LeadPart(2, kConversation, "next")).status,
            200);
  ASSERT_OK_AND_ASSIGN(const v1::Event first, waiting.Next());
  ASSERT_OK_AND_ASSIGN(const v1::Event second, waiting.Next());
  EXPECT_EQ(Part(first).id(), 1u);
  EXPECT_EQ(Part(second).id(), 2u);
  EXPECT_EQ(second.seq(), first.seq() + 1);
}

TEST_F(MainJobTest, AWrongTokenIsRefusedAndLeavesNothing) {
  const HttpAnswer answer = gateway_.Post(
      "/webhooks/dashly",
      "type=conversation&token=wrong&conversation=%7B%22id%22%3A1%7D",
      "application/x-www-form-urlencoded");
  EXPECT_EQ(answer.status, 401);
  EXPECT_THAT(answer.body, StartsWith("{"));
  EventReader all(gateway_, From(v1::START_EARLIEST));
  ASSERT_EQ(gateway_.PostDashly(LeadPart(7, kConversation, "first")).status,
            200);
  ASSERT_OK_AND_ASSIGN(const v1::Event event, all.Next());
  EXPECT_EQ(event.seq(), 1u);
}

TEST_F(MainJobTest, TheTokenOfAWebhookIsNotInItsRawBody) {
  v1::SubscribeRequest request = From(v1::START_LATEST);
  request.set_include_raw(true);
  EventReader waiting(gateway_, request);
  ASSERT_EQ(gateway_.PostDashly(LeadPart(3, kConversation, "raw")).status, 200);
  ASSERT_OK_AND_ASSIGN(const v1::Event event, waiting.Next());
  EXPECT_THAT(event.raw(), HasSubstr("type=conversation"));
  EXPECT_THAT(event.raw(), ::testing::Not(HasSubstr(kWebhookToken)));
}

// The responder matches `(#\s|)(PHRASE)` in any letter case, answers into the
// adopted conversation, and does not answer itself.
TEST_F(MainJobTest, TheResponderAnswersALeadOnceAndNeverItself) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<ChildProcess> responder,
                       StartResponder());
  EventReader reader(gateway_, From(v1::START_LATEST));

  ASSERT_EQ(
      gateway_.PostDashly(LeadPart(10, kConversation, "# HELLO, how are YOU?"))
          .status,
      200);
  ASSERT_OK_AND_ASSIGN(const v1::Event answer, reader.NextWhere(IsAnswer));
  EXPECT_EQ(Part(answer).body(), "Hey, great!");
  EXPECT_EQ(Part(answer).type(), "reply_admin");
  EXPECT_EQ(Part(answer).sender().admin().type(), "bot");
  EXPECT_EQ(answer.conversation(), "dashly:64558819");

  const v1::Conversation conversation = GetConversation();
  EXPECT_EQ(conversation.part_last().id(), Part(answer).id());
  EXPECT_EQ(conversation.user().id(), kLead);
  EXPECT_EQ(conversation.parts_count(), 2);

  // No answer to this one, nor to the bot's own words, which would match: the
  // next thing after the lead's second question is one answer, and nothing lies
  // between.
  ASSERT_EQ(
      gateway_.PostDashly(LeadPart(11, kConversation, "something else")).status,
      200);
  ASSERT_EQ(
      gateway_.PostDashly(LeadPart(12, kConversation, "hello, how are you"))
          .status,
      200);
  std::vector<uint64_t> parts;
  ASSERT_OK_AND_ASSIGN(const v1::Event second,
                       reader.NextWhere([&](const v1::Event& e) {
                         parts.push_back(Part(e).id());
                         return IsAnswer(e);
                       }));
  EXPECT_THAT(parts, ::testing::ElementsAre(11, 12, Part(second).id()));
}

TEST_F(MainJobTest, TheFiveChatlioHooksArriveTyped) {
  const std::string printed =
      WebhookSample("chatlio_transcript_as_printed.json");
  const std::string transcript = absl::StrReplaceAll(
      printed, {{" // We use the visitor email here if we have it.", ""}});
  ASSERT_NE(printed, transcript);
  const std::string conversation = WebhookSample("chatlio_conversation.json");
  EventReader reader(gateway_, From(v1::START_LATEST));

  EXPECT_EQ(PostChatlio("transcript", transcript).status, 200);
  EXPECT_EQ(PostChatlio("offline-message",
                        WebhookSample("chatlio_offline_message.json"))
                .status,
            200);
  EXPECT_EQ(PostChatlio("conversation-started", conversation).status, 200);
  EXPECT_EQ(PostChatlio("unanswered", conversation).status, 200);
  EXPECT_EQ(PostChatlio("feedback", conversation).status, 200);
  EXPECT_EQ(PostChatlio("transcript", printed).status, 200);

  ASSERT_OK_AND_ASSIGN(const v1::Event e1, reader.Next());
  EXPECT_EQ(e1.chatlio_transcript().agent_email(), "someone@yourcompany.com");
  EXPECT_EQ(e1.chatlio_transcript().messages_size(), 2);
  EXPECT_TRUE(e1.chatlio_transcript().messages(0).is_visitor_msg());
  EXPECT_EQ(e1.chatlio_transcript().ended_at(),
            "2018-05-19T18:14:32.000026941+02:00");
  EXPECT_EQ(e1.chatlio_transcript()
                .visitor_traits()
                .fields()
                .at("time_on_page")
                .string_value(),
            "30min");
  EXPECT_EQ(e1.chatlio_transcript().unknown_fields_json(), "");
  EXPECT_EQ(e1.conversation(), "chatlio:e3d1800d-2d9e-4966-4500-9ff986cfa197");
  ASSERT_OK_AND_ASSIGN(const v1::Event e2, reader.Next());
  EXPECT_EQ(e2.chatlio_offline_message().email_pretty(),
            "\"Bob Smith\" <bob@smith.com>");
  EXPECT_EQ(e2.chatlio_offline_message().visitor().ident_traits(),
            "{\"custom stuff\":\"things\"}");
  ASSERT_OK_AND_ASSIGN(const v1::Event e3, reader.Next());
  EXPECT_EQ(e3.chatlio_conversation_started().message(),
            "Hi, I am having trouble signing up");
  EXPECT_EQ(e3.chatlio_conversation_started().visitor().uuid(),
            "2d3f4260-2235-903b-0a82-a23d326cc257");
  ASSERT_OK_AND_ASSIGN(const v1::Event e4, reader.Next());
  EXPECT_EQ(e4.chatlio_unanswered().slack_channel_id(), "C1XPVTNKR");
  ASSERT_OK_AND_ASSIGN(const v1::Event e5, reader.Next());
  EXPECT_EQ(e5.chatlio_feedback().channel_id(), "C1NABCDEF");
  ASSERT_OK_AND_ASSIGN(const v1::Event e6, reader.Next());
  EXPECT_EQ(e6.unrecognized().hook(), "chatlio/transcript");
}

TEST_F(MainJobTest, EverythingSurvivesKillNineAndTheOldCursorsGoOn) {
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<ChildProcess> responder,
                       StartResponder());
  std::string cursor;
  {
    EventReader reader(gateway_, From(v1::START_LATEST));
    ASSERT_EQ(
        gateway_.PostDashly(LeadPart(20, kConversation, "hello, how are you"))
            .status,
        200);
    ASSERT_OK_AND_ASSIGN(const v1::Event answer, reader.NextWhere(IsAnswer));
    cursor = answer.cursor();
  }
  ASSERT_EQ(
      gateway_.PostDashly(LeadPart(21, kConversation, "still here?")).status,
      200);
  gateway_.KillHard();
  ASSERT_THAT(gateway_.Start(), IsOk());

  EventReader resumed(gateway_, After(cursor));
  ASSERT_OK_AND_ASSIGN(const v1::Event next, resumed.Next());
  EXPECT_EQ(Part(next).id(), 21u);
  EXPECT_EQ(GetConversation().parts_count(), 3);

  // The responder, too, goes on from its own cursor: one answer to the new
  // question, none again to the old one.
  ASSERT_EQ(
      gateway_.PostDashly(LeadPart(22, kConversation, "Hello, how are you"))
          .status,
      200);
  ASSERT_OK_AND_ASSIGN(const v1::Event question, resumed.Next());
  EXPECT_EQ(Part(question).id(), 22u);
  ASSERT_OK_AND_ASSIGN(const v1::Event answer, resumed.Next());
  EXPECT_TRUE(IsAnswer(answer)) << answer.ShortDebugString();
  EXPECT_EQ(GetConversation().parts_count(), 5);
}

TEST_F(MainJobTest, ASecondGatewayOnTheSameDataOrPortIsRefused) {
  const std::string data = absl::StrCat(gateway_.directory(), "/data");
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<ChildProcess> same_data,
      ChildProcess::Start({Binary("chatgate"), "--data_dir", data,
                           "--grpc_listen", "127.0.0.1:0", "--http_listen",
                           "127.0.0.1:0"}));
  EXPECT_NE(same_data->Wait(), 0);
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<ChildProcess> same_grpc_port,
      ChildProcess::Start({Binary("chatgate"), "--data_dir",
                           directory_.File("other"), "--grpc_listen",
                           gateway_.grpc_address(), "--http_listen",
                           "127.0.0.1:0"}));
  EXPECT_NE(same_grpc_port->Wait(), 0);
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<ChildProcess> same_http_port,
      ChildProcess::Start({Binary("chatgate"), "--data_dir",
                           directory_.File("third"), "--grpc_listen",
                           "127.0.0.1:0", "--http_listen",
                           gateway_.http_address()}));
  EXPECT_NE(same_http_port->Wait(), 0);
}

// Each line of the log has one form, and strangers write none.
TEST_F(MainJobTest, ATextThatIsNotUtf8WritesNoLineOfProtobufs) {
  const std::string log = directory_.Write("log", "");
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<ChildProcess> gateway,
      ChildProcess::Start({"/bin/sh", "-c", "exec \"$@\" 2>\"$0\"", log,
                           Binary("chatgate"), "--data_dir",
                           directory_.File("data"), "--grpc_listen",
                           "127.0.0.1:0", "--http_listen", "127.0.0.1:0"}));
  ASSERT_OK_AND_ASSIGN(const std::string ready,
                       gateway->ReadLine(absl::Seconds(60)));
  const std::vector<std::string> words = absl::StrSplit(ready, ' ');
  ASSERT_THAT(words, SizeIs(4)) << ready;
  const auto stub = v1::ChatService::NewStub(
      grpc::CreateChannel(std::string(absl::StripPrefix(words[2], "grpc=")),
                          grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::GetUserRequest request;
  request.set_user_id("\xff");
  v1::GetUserResponse response;
  EXPECT_EQ(stub->GetUser(&context, request, &response).error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  gateway->Signal(SIGTERM);
  EXPECT_EQ(gateway->Wait(), 0);
  std::ifstream file(log);
  const std::string lines{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(lines, HasSubstr("stopping"));
  EXPECT_THAT(lines, Not(HasSubstr("protobuf")));
}

TEST_F(MainJobTest, StopsCleanlyOnTheTermSignalWhileStreamsAreOpen) {
  EventReader reader(gateway_, From(v1::START_LATEST));
  EXPECT_EQ(gateway_.Stop(), 0);
  EXPECT_THAT(reader.Next(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace chatgate
