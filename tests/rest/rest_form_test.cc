#include "webhook/rest/rest_form.h"

#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/backend/error_table.h"
#include "tests/rest/rest_fixture.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RestFormTest : public RestTest {};

// Answers what it is told, or never.
class FakeBackend final : public Backend {
 public:
  void Call(const CallContext& context, const google::protobuf::Message&,
            google::protobuf::Message*, Done done) override {
    app_id = context.app_id;
    if (silent) {
      kept = std::move(done);
    } else {
      done(answer);
    }
  }

  absl::Status answer;
  bool silent = false;
  Done kept;
  uint64_t app_id = 0;
};

TEST_F(RestFormTest, WrongAndMissingTokensAreNotAuthenticated) {
  for (const char* headers :
       {"", "Authorization: Bearer wrong\r\n", "Authorization: Token\r\n",
        "Authorization: Basic YXBwOng=\r\n"}) {
    const RestAnswer answer =
        Request("GET", "/v1/apps/777/channels", "", headers);
    EXPECT_EQ(answer.status, 401) << headers;
    EXPECT_EQ(answer.At("/meta/error"), R"("NotAuthenticated")");
  }
  EXPECT_EQ(Request("GET", "/v1/apps/777/channels?auth_token=").status, 401);
}

TEST_F(RestFormTest, ATokenReachesItsOwnAppAlone) {
  for (const char* app : {"888", "0", "abc", "18446744073709551616"}) {
    const RestAnswer answer = Get(absl::StrCat("apps/", app, "/channels"));
    EXPECT_EQ(answer.status, 403) << app;
    EXPECT_EQ(answer.At("/meta/error"), R"("PermissionDeniedError")");
  }
  const uint64_t id = StartConversation("hi");
  const RestAnswer foreign = Request(
      "GET",
      absl::StrCat("/v1/conversations/", id, "?auth_token=", kOtherToken));
  EXPECT_EQ(foreign.At("/meta/error"), R"("PermissionDeniedError")");
}

TEST_F(RestFormTest, CallsGoToTheTokensApp) {
  FakeBackend backend;
  Restart(0, {}, &backend);
  EXPECT_EQ(
      Request("GET", absl::StrCat("/v1/apps/$self_app/channels?auth_token=",
                                  kOtherToken))
          .status,
      200);
  EXPECT_EQ(backend.app_id, kOtherApp);
}

TEST_F(RestFormTest, TheSixtyFirstCallOfAMinuteIsTooMany) {
  Restart(60);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(Get("apps/777/channels").status, 200);
  clock_.AdvanceTime(absl::Seconds(12));
  const RestAnswer answer = Get("apps/777/channels");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.At("/meta/status"), "429");
  EXPECT_EQ(answer.At("/meta/error"), R"("TooManyRequests")");
  EXPECT_EQ(answer.Header("Retry-After"), "48");
  // Each key has a limit of its own.
  EXPECT_EQ(Request("GET", absl::StrCat("/v1/apps/888/channels?auth_token=",
                                        kOtherToken))
                .status,
            200);
  clock_.AdvanceTime(absl::Seconds(48));
  EXPECT_EQ(Get("apps/777/channels").status, 200);
}

TEST_F(RestFormTest, StrangersDoNotUseUpTheRate) {
  Restart(1);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(Request("GET", "/v1/apps/777/channels").status, 401);
  EXPECT_EQ(Get("apps/777/channels").status, 200);
}

TEST_F(RestFormTest, APlatformThatDoesNotAnswerIsATimeout) {
  FakeBackend backend;
  backend.silent = true;
  RestForm::Options options;
  options.apps = {{kApp, kToken, 0, &backend}};
  options.call_time_max = absl::Milliseconds(1);
  ASSERT_OK_AND_ASSIGN(const auto rest,
                       RestForm::Create(options, clock_, metrics_));
  HttpRequest request;
  request.method = "GET";
  request.segments = {"v1", "apps", "777", "channels"};
  request.query = absl::StrCat("auth_token=", kToken);
  EXPECT_EQ(rest->Handle(request).status, 504);
  backend.kept(absl::OkStatus());  // Late, and harmless.
}

TEST_F(RestFormTest, ErrorsOfTheServerAreError500) {
  FakeBackend backend;
  backend.answer = absl::DataLossError("row 5 is damaged");
  Restart(0, {}, &backend);
  const RestAnswer answer = Get("apps/777/channels");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.At("/meta/error"), R"("Error500")");
}

TEST_F(RestFormTest, HeadIsAnsweredAsGetWithoutABody) {
  const RestAnswer answer = Request(
      "HEAD", absl::StrCat("/v1/apps/777/channels?auth_token=", kToken));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST_F(RestFormTest, SecretsAreNotRepeated) {
  const RestAnswer answer =
      Request("GET", "/v1/apps/777/channels?auth_token=my-secret");
  EXPECT_THAT(answer.body, Not(HasSubstr("my-secret")));
}

TEST_F(RestFormTest, TwoAppsWithOneTokenAreRefused) {
  FakeBackend backend;
  RestForm::Options options;
  options.apps = {{1, "same", 0, &backend}, {2, "same", 0, &backend}};
  EXPECT_THAT(
      RestForm::Create(options, clock_, metrics_),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("another app's")));
}

TEST_F(RestFormTest, ARateBeyondTheLimitIsRefused) {
  FakeBackend backend;
  RestForm::Options options;
  options.apps = {{1, "a", kRequestsPerMinuteMax + 1, &backend}};
  EXPECT_THAT(RestForm::Create(options, clock_, metrics_),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(RestFormTest, ManyCallsAtOnceAreEachAnswered) {
  const uint64_t id = StartConversation("hi");
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(
            Post(absl::StrCat("conversations/", id, "/reply"), "body=x").status,
            200);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(Conversation(id).parts_count(), 41);
}

}  // namespace
}  // namespace chatgate
