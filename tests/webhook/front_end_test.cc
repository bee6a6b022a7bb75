#include "webhook/front_end.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "prometheus/text_serializer.h"
#include "tests/support/status_matchers.h"
#include "tests/webhook/fake_event_sink.h"
#include "tests/webhook/raw_client.h"
#include "tests/webhook/sample_bodies.h"
#include "webhook/event_intake.h"

namespace chatgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr absl::string_view kForm = "application/x-www-form-urlencoded";
constexpr absl::string_view kJson = "application/json";
constexpr absl::string_view kToken = "5f0e-token-7a";
constexpr absl::string_view kSecret = "chatlio_secret-1";

class FrontEndTest : public ::testing::Test {
 protected:
  void SetUp() override { Restart({}); }

  void Restart(v1::HttpConfig config) {
    front_end_ = nullptr;
    config.set_listen("127.0.0.1:0");
    ASSERT_OK_AND_ASSIGN(
        front_end_,
        FrontEnd::Start(config,
                        {{777, std::string(kToken), std::string(kSecret)},
                         {888, "other-token", ""},
                         {999, "7", ""}},
                        sink_, registry_, [this] { return ready_; }));
  }

  RawAnswer Ask(absl::string_view request) {
    RawClient client(front_end_->port());
    client.Send(request);
    return client.ReadAnswer();
  }
  RawAnswer PostDashly(absl::string_view body, absl::string_view type = kForm) {
    return Ask(PostText("/webhooks/dashly", type, body,
                        "User-Agent: Dashly Webhook 1.0\r\n"));
  }
  RawAnswer PostChatlio(absl::string_view path, absl::string_view body) {
    return Ask(PostText(absl::StrCat("/webhooks/chatlio/", path), kJson, body));
  }
  std::string Metrics() {
    return prometheus::TextSerializer().Serialize(registry_.Collect());
  }
  NewEvent OnlyEvent() {
    const std::vector<NewEvent> events = sink_.events();
    EXPECT_EQ(events.size(), 1u);
    return events.empty() ? NewEvent() : events[0];
  }

  FakeEventSink sink_;
  prometheus::Registry registry_;
  absl::Status ready_;
  std::unique_ptr<FrontEnd> front_end_;
};

// It stands in every second number: the event keeps what it says.
TEST_F(FrontEndTest, AShortTokenDamagesNothingButTheRawBody) {
  const std::string body = FormOf({{"token", "7"},
                                   {"type", "event"},
                                   {"event_id", "778"},
                                   {"event_name", "paid 7 times"},
                                   {"user_id", "70007"}});
  EXPECT_EQ(PostDashly(body).status, 200);
  const NewEvent event = OnlyEvent();
  ASSERT_TRUE(event.event.has_dashly_event());
  EXPECT_EQ(event.event.app_id(), 999u);
  EXPECT_EQ(event.event.dashly_event().event_name(), "paid 7 times");
  EXPECT_EQ(event.event.dashly_event().user_id(), 70007u);
  EXPECT_THAT(event.raw, Not(HasSubstr("7")));
}

TEST_F(FrontEndTest, SeedsWebhookIsStoredAndItsRepetitionIsNoSecond) {
  const std::string body = DashlyConversationForm(kDashlyPart2017, kToken);
  const RawAnswer first = PostDashly(body);
  EXPECT_EQ(first.status, 200);
  EXPECT_THAT(first.body, HasSubstr("stored"));
  const RawAnswer second = PostDashly(body);
  EXPECT_EQ(second.status, 200);
  EXPECT_THAT(second.body, HasSubstr("duplicate"));
  const NewEvent event = OnlyEvent();
  EXPECT_EQ(event.event.app_id(), 777u);
  EXPECT_EQ(event.event.dashly_conversation().conversation().body(),
            "ewfwfwef");
  EXPECT_THAT(Metrics(),
              AllOf(HasSubstr("chatgate_webhooks_total{hook=\"conversation\","
                              "result=\"stored\",source=\"dashly\"} 1"),
                    HasSubstr("result=\"duplicate\",source=\"dashly\"} 1")));
}

TEST_F(FrontEndTest, EveryFormOfADashlyBodyIsTaken) {
  const std::string part(kDashlyPart2025);
  const std::string form = DashlyConversationForm(part, kToken);
  EXPECT_EQ(Ask(PostText("/webhooks/dashly/", kForm, form)).status, 200);
  EXPECT_EQ(PostDashly(absl::StrCat("conversation=", part,
                                    "&type=conversation&token=", kToken))
                .status,
            200);
  EXPECT_EQ(PostDashly(absl::StrCat(R"({"token": ")", kToken,
                                    R"(", "type": "conversation", )",
                                    R"("conversation": )", part, "}"),
                       kJson)
                .status,
            200);
  EXPECT_EQ(
      PostDashly(
          absl::StrCat(
              "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n",
              kToken,
              "\r\n--b\r\nContent-Disposition: form-data; name=\"type\"\r\n"
              "\r\nconversation\r\n--b\r\nContent-Disposition: form-data; "
              "name=\"conversation\"\r\n\r\n",
              part, "\r\n--b--\r\n"),
          "multipart/form-data; boundary=b")
          .status,
      200);
  // All of them were one part.
  EXPECT_EQ(OnlyEvent().key->id, 1918273645546372819u);
}

TEST_F(FrontEndTest, TokenSelectsTheApp) {
  EXPECT_EQ(
      PostDashly(DashlyConversationForm(kDashlyPart2017, "other-token")).status,
      200);
  EXPECT_EQ(OnlyEvent().event.app_id(), 888u);
}

TEST_F(FrontEndTest, WrongOrMissingTokenIsRefused) {
  for (const std::string& body :
       {DashlyConversationForm(kDashlyPart2017, "wrong"),
        DashlyConversationForm(kDashlyPart2017, ""),
        FormOf({{"type", "conversation"}}),
        FormOf({{"token", std::string(kToken)}, {"token", "wrong"}}),
        FormOf({{"token", std::string(kToken)}, {"token", "other-token"}}),
        FormOf({{"token", std::string(kSecret)}})}) {
    const RawAnswer answer = PostDashly(body);
    EXPECT_EQ(answer.status, 401) << body;
    EXPECT_THAT(answer.body, HasSubstr("\"error\": \"unauthorized\""));
  }
  EXPECT_THAT(sink_.events(), IsEmpty());
  EXPECT_THAT(Metrics(), HasSubstr("result=\"unauthorized\""));
}

TEST_F(FrontEndTest, UnreadableBodiesAreRefused) {
  for (const absl::string_view body :
       {"", "hello", "{\"token\":", "\xFF\xFE"}) {
    const RawAnswer answer = PostDashly(body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr("\"reason\": \"the body"));
  }
  EXPECT_THAT(Metrics(), HasSubstr("result=\"unreadable\""));
}

TEST_F(FrontEndTest, TooLargeBodiesAreRefusedAndCounted) {
  v1::HttpConfig config;
  config.set_body_bytes_max(10'000);
  Restart(config);
  EXPECT_EQ(PostDashly(std::string(10'001, 'a')).status, 413);
  EXPECT_EQ(
      PostChatlio(absl::StrCat(kSecret, "/feedback"), std::string(10'001, 'a'))
          .status,
      413);
  EXPECT_THAT(
      Metrics(),
      AllOf(HasSubstr("result=\"too_large\",source=\"dashly\"} 1"),
            HasSubstr("result=\"too_large\",source=\"chatlio\"} 1"),
            HasSubstr("chatgate_http_answers_total{status=\"413\"} 2")));
}

TEST_F(FrontEndTest, LargeBodiesWithinTheLimitAreStored) {
  const std::string text(50'000, 'x');
  EXPECT_EQ(PostDashly(DashlyConversationForm(
                           absl::StrCat(R"({"id": 1, "conversation": 2, )",
                                        R"("body": ")", text, "\"}"),
                           kToken))
                .status,
            200);
  EXPECT_EQ(OnlyEvent().event.dashly_conversation().conversation().body(),
            text);
}

TEST_F(FrontEndTest, AuthenticButNotUnderstoodIsKept) {
  const RawAnswer answer = PostDashly(
      FormOf({{"token", std::string(kToken)}, {"type", "brand_new"}}));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("unrecognized"));
  EXPECT_EQ(OnlyEvent().event.unrecognized().hook(), "dashly");
  EXPECT_EQ(OnlyEvent().raw, "token=***&type=brand%5fnew");
}

TEST_F(FrontEndTest, SecretsReachNeitherEventsNorAnswersNorMetricsNorLogs) {
  ::testing::internal::CaptureStderr();
  const std::string part =
      absl::StrCat(R"({"id": 1, "conversation": 2, "body": ")", kToken,
                   R"(", "x": ")", kToken, "\"}");
  std::string answers;
  answers += PostDashly(absl::StrCat(DashlyConversationForm(part, kToken),
                                     "&again=", kToken))
                 .body;
  answers += PostDashly(FormOf({{"token", std::string(kToken)},
                                {"type", std::string(kToken)}}))
                 .body;
  answers += PostChatlio(absl::StrCat(kSecret, "/feedback"),
                         absl::StrCat(R"({"message": ")", kSecret, "\"}"))
                 .body;
  answers += PostChatlio(absl::StrCat(kSecret, "/nothing"), "{}").body;
  answers += Ask(absl::StrCat("GET /webhooks/chatlio/", kSecret,
                              "/feedback HTTP/1.1\r\n\r\n"))
                 .body;
  sink_.FailWith(absl::UnavailableError("full"));
  answers += PostDashly(DashlyConversationForm(part, kToken)).body;
  answers += PostChatlio(absl::StrCat(kSecret, "/feedback"), "{}").body;
  answers += Metrics();
  answers += ::testing::internal::GetCapturedStderr();
  for (const NewEvent& event : sink_.events()) {
    absl::StrAppend(&answers, event.raw, event.event.SerializeAsString());
  }
  EXPECT_EQ(sink_.events().size(), 3u);
  EXPECT_THAT(answers, AllOf(Not(HasSubstr(std::string(kToken))),
                             Not(HasSubstr(FormEncoded(kToken))),
                             Not(HasSubstr(std::string(kSecret)))));
}

TEST_F(FrontEndTest, FiveChatlioHooksArriveTyped) {
  const std::pair<absl::string_view, std::string> hooks[] = {
      {"transcript", ChatlioTranscript()},
      {"offline-message", std::string(kChatlioOffline)},
      {"conversation-started", std::string(kChatlioVisitorMessage)},
      {"unanswered", std::string(kChatlioVisitorMessage)},
      {"feedback", std::string(kChatlioVisitorMessage)},
  };
  for (const auto& [hook, body] : hooks) {
    EXPECT_EQ(PostChatlio(absl::StrCat(kSecret, "/", hook), body).status, 200);
  }
  const std::vector<NewEvent> events = sink_.events();
  ASSERT_EQ(events.size(), 5u);
  EXPECT_TRUE(events[0].event.has_chatlio_transcript());
  EXPECT_TRUE(events[1].event.has_chatlio_offline_message());
  EXPECT_TRUE(events[2].event.has_chatlio_conversation_started());
  EXPECT_TRUE(events[3].event.has_chatlio_unanswered());
  EXPECT_TRUE(events[4].event.has_chatlio_feedback());
}

TEST_F(FrontEndTest, PrintedTranscriptIsKeptAsUnrecognized) {
  EXPECT_EQ(PostChatlio(absl::StrCat(kSecret, "/transcript/"),
                        kChatlioTranscriptPrinted)
                .status,
            200);
  EXPECT_EQ(OnlyEvent().event.unrecognized().hook(), "chatlio/transcript");
}

// A byte that is no UTF-8 becomes three, and the body is kept beside.
TEST_F(FrontEndTest, BodiesThatGrowBeyondAnEventAreKeptAsTheyCame) {
  v1::HttpConfig config;
  config.set_body_bytes_max(3 << 20);
  Restart(config);
  const std::string body = absl::StrCat(
      "{\"message\": \"", std::string((1 << 20) - 100, '\xC0'), "\"}");
  EXPECT_EQ(PostChatlio(absl::StrCat(kSecret, "/unanswered"), body).status,
            200);
  const NewEvent event = OnlyEvent();
  EXPECT_EQ(event.event.unrecognized().reason(),
            "decoded, it is larger than an event may be");
  EXPECT_EQ(event.raw, body);
}

TEST_F(FrontEndTest, ChatlioSecretIsCheckedBeforeTheHook) {
  EXPECT_EQ(PostChatlio("wrong/feedback", "{}").status, 401);
  EXPECT_EQ(PostChatlio("wrong/nothing", "{}").status, 401);
  EXPECT_EQ(PostChatlio(absl::StrCat(kToken, "/feedback"), "{}").status, 401);
  EXPECT_EQ(PostChatlio(absl::StrCat(kSecret, "/nothing"), "{}").status, 404);
  EXPECT_EQ(PostChatlio(kSecret, "{}").status, 404);
  EXPECT_THAT(sink_.events(), IsEmpty());
}

TEST_F(FrontEndTest, LogThatTakesNothingMeansComeAgain) {
  const std::string body = DashlyConversationForm(kDashlyPart2017, kToken);
  for (const absl::Status& status : {absl::ResourceExhaustedError("full"),
                                     absl::UnavailableError("failed sync")}) {
    sink_.FailWith(status);
    const RawAnswer answer = PostDashly(body);
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(answer.head, HasSubstr("Retry-After: 1\r\n"));
  }
  sink_.FailWith(absl::InvalidArgumentError("over 3.5 MiB"));
  EXPECT_EQ(PostDashly(body).status, 413);
  sink_.FailWith(absl::OkStatus());
  EXPECT_EQ(PostDashly(body).status, 200);
}

TEST(EventIntakeTest, LogThatNeverAnswersIsNotWaitedForForEver) {
  FakeEventSink sink;
  prometheus::Registry registry;
  const WebhookCounters counters(registry);
  sink.KeepSilent();
  {
    const EventIntake intake(sink, counters, absl::Milliseconds(20));
    const HttpResponse response = intake.Store("dashly", "event", NewEvent());
    ASSERT_NE(response.later, nullptr);
    EXPECT_EQ(response.later->time_max, absl::Milliseconds(20));
    response.later->begin([](const LaterAnswer::Make&) {});
    EXPECT_EQ(response.later->too_late().status, 503);
  }
  sink.AnswerAll();  // Too late, and harmless.
}

TEST_F(FrontEndTest, StopWaitsForTheLogsAnswer) {
  sink_.KeepSilent();
  RawClient client(front_end_->port());
  client.Send(PostText("/webhooks/dashly", kForm,
                       DashlyConversationForm(kDashlyPart2017, kToken)));
  sink_.AwaitUnanswered(1);
  std::thread stop([this] { front_end_->Stop(); });
  sink_.AnswerAll();
  EXPECT_EQ(client.ReadAnswer().status, 200);
  EXPECT_TRUE(client.Ends());
  stop.join();
}

TEST_F(FrontEndTest, SixtySendersAtOnceAreAllStored) {
  std::vector<RawClient> clients;
  for (int i = 1; i <= 60; ++i) {
    clients.emplace_back(front_end_->port());
    clients.back().Send(PostText(
        "/webhooks/dashly", kForm,
        DashlyConversationForm(
            absl::StrCat(R"({"conversation": 5, "id": )", i, "}"), kToken)));
  }
  for (RawClient& client : clients) EXPECT_EQ(client.ReadAnswer().status, 200);
  EXPECT_EQ(sink_.events().size(), 60u);
}

TEST_F(FrontEndTest, HealthReadinessAndMetricsAreTold) {
  EXPECT_EQ(Ask("GET /healthz HTTP/1.1\r\n\r\n").status, 200);
  EXPECT_EQ(Ask("GET /readyz HTTP/1.1\r\n\r\n").status, 200);
  const RawAnswer metrics = Ask("GET /metrics HTTP/1.1\r\n\r\n");
  EXPECT_THAT(metrics.head, HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(metrics.body, HasSubstr("chatgate_http_answers_total"));
  Restart({});
  front_end_ = nullptr;
  ready_ = absl::UnavailableError("the log failed to \"sync\"");
  Restart({});
  const RawAnswer unready = Ask("GET /readyz HTTP/1.1\r\n\r\n");
  EXPECT_EQ(unready.status, 503);
  EXPECT_THAT(unready.body, HasSubstr(R"(the log failed to \"sync\")"));
  EXPECT_EQ(Ask("GET /healthz HTTP/1.1\r\n\r\n").status, 200);
}

TEST_F(FrontEndTest, WrongVerbOnAReceiverIsToldWhichIsRight) {
  const RawAnswer answer = Ask("GET /webhooks/dashly HTTP/1.1\r\n\r\n");
  EXPECT_EQ(answer.status, 405);
  EXPECT_THAT(answer.head, HasSubstr("Allow: POST\r\n"));
}

TEST_F(FrontEndTest, ConfigurationOutOfRangeNamesTheField) {
  const auto start = [this](const v1::HttpConfig& config,
                            std::vector<WebhookApp> apps) {
    return FrontEnd::Start(config, apps, sink_, registry_,
                           [] { return absl::OkStatus(); });
  };
  const auto wrong = [](absl::string_view words) {
    return StatusIs(absl::StatusCode::kInvalidArgument,
                    HasSubstr(std::string(words)));
  };
  v1::HttpConfig config;
  config.set_connections_max(4097);
  EXPECT_THAT(start(config, {}), wrong("http.connections_max"));
  config.set_connections_max(-1);
  EXPECT_THAT(start(config, {}), wrong("http.connections_max"));
  config.Clear();
  config.set_body_bytes_max((3 << 20) + 1);
  EXPECT_THAT(start(config, {}), wrong("http.body_bytes_max"));
  config.Clear();
  config.set_request_timeout_ms(-1);
  EXPECT_THAT(start(config, {}), wrong("http.request_timeout_ms"));
  config.Clear();
  config.set_listen("0.0.0.0:0");
  EXPECT_THAT(start(config, {}), wrong("insecure"));
  config.set_listen("127.0.0.1:0");
  EXPECT_THAT(start(config, {{1, "same", ""}, {2, "same", ""}}),
              wrong("webhook_token of 2"));
  EXPECT_THAT(start(config, {{1, "", "same"}, {2, "", "same"}}),
              wrong("chatlio_secret of 2"));
  EXPECT_THAT(start(config, {{1, "", ""}, {2, "", ""}}), IsOk());
}

}  // namespace
}  // namespace chatgate
