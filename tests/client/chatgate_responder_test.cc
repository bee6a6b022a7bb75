#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/file.h"
#include "client/testing/fake_chat_service.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/child_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(60);

// The real program against a gateway in memory.
class ResponderProgramTest : public ::testing::Test {
 protected:
  std::unique_ptr<ChildProcess> Start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CHATGATE_RESPONDER_PROGRAM);
    auto started = ChildProcess::Start(arguments);
    EXPECT_THAT(started, IsOk());
    return *std::move(started);
  }
  int Run(std::vector<std::string> arguments) {
    return Start(std::move(arguments))->Wait();
  }
  std::unique_ptr<ChildProcess> StartReady() {
    auto program =
        Start({"--server", service_.address(), "--rules",
               CHATGATE_EXAMPLE_RULES, "--cursor_file", dir_.File("cursor")});
    EXPECT_THAT(program->ReadLine(kPatience),
                IsOkAndHolds(HasSubstr("chatgate-responder ready")));
    return program;
  }
  void PublishHello() {
    v1::Event event;
    event.set_app_id(777);
    event.set_conversation("dashly:5");
    v1::ConversationPart& part =
        *event.mutable_dashly_conversation()->mutable_conversation();
    part.set_conversation(5);
    part.set_type("reply_user");
    part.set_direction("u2a");
    part.set_body("Hello, how are you");
    service_.Publish(event);
  }

  TempDir dir_;
  FakeChatService service_;
};

TEST_F(ResponderProgramTest, AnswersOnceReady) {
  const auto program = StartReady();
  PublishHello();
  ASSERT_TRUE(service_.AwaitReplies(1));
  EXPECT_EQ(service_.replies()[0].body(), "Hey, great!");
}

TEST_F(ResponderProgramTest, EndsWellOnSigterm) {
  const auto program = StartReady();
  program->Signal(SIGTERM);
  EXPECT_EQ(program->Wait(), 0);
}

TEST_F(ResponderProgramTest, KilledHardItGoesOnWhereItWas) {
  StartReady()->KillHard();
  PublishHello();
  const auto program = StartReady();
  ASSERT_TRUE(service_.AwaitReplies(1));
}

TEST_F(ResponderProgramTest, CheckTellsRightRulesFromWrongOnes) {
  EXPECT_EQ(Run({"--check", "--rules", CHATGATE_EXAMPLE_RULES}), 0);
  EXPECT_EQ(Run({"--check", "--rules", dir_.Write("wrong", "rules {}")}), 1);
  EXPECT_EQ(Run({"--check", "--rules", dir_.File("missing")}), 1);
}

TEST_F(ResponderProgramTest, WrongCommandLinesEndWithTwo) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(Run({"--rules", CHATGATE_EXAMPLE_RULES}), 2);
  EXPECT_EQ(Run({"--rules", CHATGATE_EXAMPLE_RULES, "--sever", "x"}), 2);
}

TEST_F(ResponderProgramTest, WrongTokenEndsWithOne) {
  service_.RequireToken("secret");
  EXPECT_EQ(
      Run({"--server", service_.address(), "--rules", CHATGATE_EXAMPLE_RULES}),
      1);
}

}  // namespace
}  // namespace chatgate
