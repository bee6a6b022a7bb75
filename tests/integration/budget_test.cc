// The budget of a gateway that calls another one over the Web API: what calls
// cost, what is saved, and what is seen of it, with the real programs.
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway.h"
#include "tests/support/child_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class BudgetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(platform_.Start(), IsOk());
    front_.SetPlatform(absl::StrCat("web_api { base_url: \"http://",
                                    platform_.http_address(),
                                    "/v1\" requests_per_minute: 60 }"));
    ASSERT_THAT(front_.Start(), IsOk());
    v1::StartConversationRequest start;
    start.set_user_id("visitor-1");
    start.set_by_user_id(true);
    start.set_body("Hi");
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::StartConversationResponse started;
    ASSERT_TRUE(
        platform_.NewStub()->StartConversation(&context, start, &started).ok());
    conversation_ = started.id();
  }

  struct Served {
    std::string cost;
    std::string from;
    int64_t parts = 0;
  };
  static std::string Trailer(const grpc::ClientContext& context,
                             const std::string& name) {
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto found = trailers.find(name);
    if (found == trailers.end()) return "";
    return std::string(found->second.data(), found->second.size());
  }
  Served Read(int staleness_seconds) {
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::GetConversationRequest request;
    request.set_conversation_id(conversation_);
    request.mutable_max_staleness()->set_seconds(staleness_seconds);
    v1::GetConversationResponse response;
    const grpc::Status status =
        front_.NewStub()->GetConversation(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return {Trailer(context, "chatgate-cost"),
            Trailer(context, "chatgate-served-from"),
            response.conversation().parts_count()};
  }
  std::string Reply(bool validate_only) {
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::ReplyToConversationRequest request;
    request.set_conversation_id(conversation_);
    request.set_body("Hello");
    request.set_validate_only(validate_only);
    v1::ReplyToConversationResponse response;
    const grpc::Status status =
        front_.NewStub()->ReplyToConversation(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return Trailer(context, "chatgate-cost");
  }
  std::string Command(const std::string& form) {
    auto program = ChildProcess::Start(
        {Binary("chatgatectl"), "--server", front_.grpc_address(),
         "--token_file", directory_.Write("caller.token", kCallerToken),
         "--output", form, "budget"});
    EXPECT_THAT(program, IsOk());
    std::string output = (*program)->ReadAll(absl::Seconds(60));
    EXPECT_EQ((*program)->Wait(), 0);
    return output;
  }

  TempDir directory_;
  Gateway platform_{"requests_per_minute: 0"};
  Gateway front_;
  uint64_t conversation_ = 0;
};

TEST_F(BudgetTest, AKnownAnswerCostsNothingUntilTheWriterWrites) {
  Served served = Read(0);
  EXPECT_EQ(served.cost, "1");
  EXPECT_EQ(served.from, "upstream");
  EXPECT_EQ(served.parts, 1);
  served = Read(3600);
  EXPECT_EQ(served.cost, "0");
  EXPECT_EQ(served.from, "cache");
  EXPECT_EQ(Reply(/*validate_only=*/true), "1");  // Its price.
  EXPECT_EQ(Read(3600).from, "cache");
  EXPECT_EQ(Reply(/*validate_only=*/false), "1");
  served = Read(3600);
  EXPECT_EQ(served.from, "upstream");
  EXPECT_EQ(served.parts, 2);
}

TEST_F(BudgetTest, TheCommandLineShowsItAlsoAfterKillHard) {
  Read(0);
  Read(3600);
  const std::string row = "tests +GetConversation +1 +";
  EXPECT_THAT(Command("human"),
              AllOf(HasSubstr("app 777: 1 of 60 used, 59 free (6 for replies "
                              "alone)"),
                    ContainsRegex(row)));
  front_.KillHard();
  ASSERT_THAT(front_.Start(), IsOk());
  EXPECT_THAT(Command("human"), ContainsRegex(row));
}

TEST_F(BudgetTest, TheCommandLineSpeaksJsonToPrograms) {
  Read(0);
  EXPECT_THAT(
      Command("json"),
      AllOf(HasSubstr(R"("app_id":"777")"), HasSubstr(R"("limit":"60")"),
            HasSubstr(R"("method":"GetConversation","requests":"1")")));
}

}  // namespace
}  // namespace chatgate
