#include <httplib.h>
#include <signal.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "client/file.h"
#include "client/testing/fake_chat_service.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/child_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::AllOf;
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

TEST_F(ResponderProgramTest, CheckCountsTheRules) {
  const std::string rule =
      "rules { id: '$0' match { phrases: 'b' } actions { close {} } }";
  const std::string one = dir_.Write("one", absl::Substitute(rule, "a"));
  EXPECT_THAT(Start({"--check", "--rules", one})->ReadLine(kPatience),
              IsOkAndHolds(HasSubstr(": 1 rule is right, version ")));
  const std::string two = dir_.Write(
      "two", absl::Substitute(rule, "a") + absl::Substitute(rule, "b"));
  EXPECT_THAT(Start({"--check", "--rules", two})->ReadLine(kPatience),
              IsOkAndHolds(HasSubstr(": 2 rules are right, version ")));
}

TEST_F(ResponderProgramTest, WrongCommandLinesEndWithTwo) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(Run({"--rules", CHATGATE_EXAMPLE_RULES}), 2);
  EXPECT_EQ(Run({"--rules", CHATGATE_EXAMPLE_RULES, "--sever", "x"}), 2);
}

// Only what is no address at all is the command line's fault.
TEST_F(ResponderProgramTest, MetricsThatCannotBeServedEndWithOne) {
  const auto run = [&](const char* listen) {
    return Run({"--server", service_.address(), "--rules",
                CHATGATE_EXAMPLE_RULES, "--metrics_listen", listen});
  };
  EXPECT_EQ(run("192.0.2.1:9"), 1);  // Of no machine (RFC 5737).
  EXPECT_EQ(run("9"), 2);
}

TEST_F(ResponderProgramTest, WrongTokenEndsWithOne) {
  service_.RequireToken("secret");
  EXPECT_EQ(
      Run({"--server", service_.address(), "--rules", CHATGATE_EXAMPLE_RULES}),
      1);
}

std::string Rules(const std::string& answer) {
  return absl::Substitute(R"pb(rules {
                                 id: "greeting"
                                 match { patterns: "hello, (?P<rest>.*)" }
                                 actions { reply { body: "$0" } }
                               })pb",
                          answer);
}

// Rules that may change while the program runs.
class ResponderReloadTest : public ResponderProgramTest {
 protected:
  void StartWith(const std::string& rules) {
    rules_ = dir_.Write("rules", rules);
    program_ = Start({"--server", service_.address(), "--rules", rules_,
                      "--metrics_listen", "127.0.0.1:0"});
    ASSERT_OK_AND_ASSIGN(const std::string line, program_->ReadLine(kPatience));
    metrics_ = line.substr(line.find("metrics=") + 8);
  }
  std::string Metrics() {
    httplib::Client http("http://" + metrics_);
    const httplib::Result result = http.Get("/metrics");
    return result ? result->body : "";
  }
  void AwaitMetric(const std::string& line) {
    while (!absl::StrContains(Metrics(), line)) std::this_thread::yield();
  }
  // The answer to one more hello.
  std::string NextAnswer() {
    const size_t before = service_.replies().size();
    PublishHello();
    EXPECT_TRUE(service_.AwaitReplies(before + 1));
    return service_.replies()[before].body();
  }

  std::string rules_;
  std::string metrics_;
  std::unique_ptr<ChildProcess> program_;
};

TEST_F(ResponderReloadTest, ChangedFileIsReadAgain) {
  StartWith(Rules("old"));
  EXPECT_EQ(NextAnswer(), "old");
  ASSERT_THAT(ReplaceFile(rules_, Rules("new")), IsOk());
  AwaitMetric("reloads_total{ok=\"true\"} 1");
  EXPECT_EQ(NextAnswer(), "new");
}

TEST_F(ResponderReloadTest, HangupReadsTheFileAgain) {
  StartWith(Rules("same"));
  program_->Signal(SIGHUP);
  AwaitMetric("reloads_total{ok=\"true\"} 1");
  EXPECT_EQ(NextAnswer(), "same");
}

TEST_F(ResponderReloadTest, WrongFileChangesNothing) {
  StartWith(Rules("old"));
  ASSERT_THAT(ReplaceFile(rules_, Rules("new") + "rules { id: \"no match\" }"),
              IsOk());
  AwaitMetric("reloads_total{ok=\"false\"} 1");
  EXPECT_EQ(NextAnswer(), "old");
}

TEST_F(ResponderReloadTest, MetricsNameRuleAndVersion) {
  StartWith("version: \"v7\" " + Rules("x"));
  NextAnswer();
  AwaitMetric(
      "answers_total{rule=\"greeting\",version=\"v7\",outcome=\"answered\"} 1");
}

TEST_F(ResponderProgramTest, ExplainShowsMatchesCapturesAndGuards) {
  const std::string rules =
      dir_.Write("rules", absl::StrCat(Rules("Hi {rest}!"), R"pb(
                   rules {
                     id: "second"
                     match { phrases: "bob" }
                     cooldown { seconds: 60 }
                     actions { close {} }
                   })pb"));
  const std::string text =
      Start({"--rules", rules, "--explain", "hello, Bob"})->ReadAll(kPatience);
  EXPECT_THAT(
      text, AllOf(HasSubstr("rule \"greeting\" (priority 0) acts"),
                  HasSubstr("found the pattern \"hello, (?P<rest>.*)\""),
                  HasSubstr("captured {rest} = \"Bob\""),
                  HasSubstr("1. ReplyToConversation \"Hi Bob!\""),
                  HasSubstr("rule \"second\" (priority 0) is not reached"),
                  HasSubstr("rests for 1m"), HasSubstr("3 answers in a row")));
  EXPECT_THAT(
      Start({"--rules", rules, "--explain", "nothing"})->ReadAll(kPatience),
      HasSubstr("no rule matches"));
}

TEST_F(ResponderProgramTest, ExplainSaysWhyARuleActsInPart) {
  const std::string rules = dir_.Write("rules", R"pb(
    answers_in_a_row_max: 1
    rules {
      id: "much"
      match { phrases: "hello" }
      actions { reply { body: "one" } }
      actions { reply { body: "two" } }
      actions { tag { name: "x" } }
    })pb");
  EXPECT_THAT(
      Start({"--rules", rules, "--explain", "hello"})->ReadAll(kPatience),
      AllOf(HasSubstr("rule \"much\" (priority 0) acts, but not with every "
                      "action: enough answers in a row\n"),
            HasSubstr("  1. ReplyToConversation \"one\"\n"
                      "  3. TagConversation\n")));
}

TEST_F(ResponderProgramTest, ReplayShowsWhatTwoRuleFilesWouldHaveDone) {
  for (int i = 0; i < 3; ++i) PublishHello();
  const std::string one = dir_.Write("one", Rules("one"));
  const std::string two = dir_.Write(
      "two",
      absl::StrCat("answers_in_a_row_max: 1 ", Rules("two"),
                   "rules { id: \"more\" priority: 1 go_on: true match { "
                   "phrases: \"hello\" } actions { tag { name: \"x\" } } }"));
  const auto replay = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"--server", service_.address(),
                                          "--rules", one, "--replay"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Start(arguments)->ReadAll(kPatience);
  };
  EXPECT_THAT(replay({"earliest..latest", "--against", two}),
              AllOf(HasSubstr("  - greeting: ReplyToConversation \"one\"\n"
                              "  + more: TagConversation\n"
                              "  + greeting: ReplyToConversation \"two\"\n"),
                    HasSubstr("3 messages\n"),
                    HasSubstr("cost 3 requests (ReplyToConversation 3)"),
                    HasSubstr("cost 6 requests (ReplyToConversation 3, "
                              "TagConversation 3), at most 6 within a minute"),
                    HasSubstr("3 messages are treated differently")));
  EXPECT_THAT(replay({"earliest..latest", "--against", one}),
              HasSubstr("0 messages are treated differently"));
  EXPECT_THAT(replay({"2001-01-01T00:00:00Z..2001-01-02T00:00:00Z"}),
              HasSubstr("0 messages\n"));
  EXPECT_THAT(replay({"2001-01-01T00:00:00Z..latest"}),
              HasSubstr("3 messages answered"));
  EXPECT_EQ(service_.replies().size(), 0u);
}

TEST_F(ResponderProgramTest, ReplayEndsOnSigterm) {
  service_.SetSilent(true);
  const auto program =
      Start({"--server", service_.address(), "--rules", CHATGATE_EXAMPLE_RULES,
             "--replay", "2001-01-01T00:00:00Z..latest"});
  ASSERT_TRUE(service_.AwaitSubscribes(1));
  program->Signal(SIGTERM);
  EXPECT_EQ(program->Wait(), 128 + SIGTERM);
}

TEST_F(ResponderProgramTest, ReplayWithoutAGatewayEndsWithOne) {
  const auto program =
      Start({"--server", "127.0.0.1:1", "--rules", CHATGATE_EXAMPLE_RULES,
             "--replay", "2001-01-01T00:00:00Z..latest"});
  EXPECT_EQ(program->Wait(), 1);
}

TEST_F(ResponderProgramTest, OutputOnAFullDiskEndsWithOne) {
  const auto run = [](const std::string& mode) {
    const auto program = ChildProcess::Start(
        {"/bin/sh", "-c",
         absl::StrCat("exec ", CHATGATE_RESPONDER_PROGRAM, " --rules ",
                      CHATGATE_EXAMPLE_RULES, " ", mode, " >/dev/full")});
    EXPECT_THAT(program, IsOk());
    return (*program)->Wait();
  };
  EXPECT_EQ(run("--check"), 1);
  EXPECT_EQ(run("--explain hello"), 1);
  EXPECT_EQ(run("--replay earliest..latest --server " + service_.address()), 1);
}

TEST_F(ResponderProgramTest, ClosedPipeEndsWithOne) {
  for (const char* mode : {"--check", "--explain hello"}) {
    const auto program = ChildProcess::Start(
        {"/bin/bash", "-c",
         absl::StrCat("exec > >(:); wait $!; exec ", CHATGATE_RESPONDER_PROGRAM,
                      " --rules ", CHATGATE_EXAMPLE_RULES, " ", mode)});
    EXPECT_THAT(program, IsOk());
    EXPECT_EQ((*program)->Wait(), 1) << mode;
  }
}

TEST_F(ResponderProgramTest, WrongRangeEndsWithTwo) {
  for (const char* range : {"yesterday", "..latest", "earliest..soon"}) {
    EXPECT_EQ(Run({"--server", service_.address(), "--rules",
                   CHATGATE_EXAMPLE_RULES, "--replay", range}),
              2)
        << range;
  }
}

}  // namespace
}  // namespace chatgate
