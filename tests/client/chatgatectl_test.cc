// The command line and single calls; the other chatgatectl_*_test.cc have tail
// and the commands that read files.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/client/chatgatectl_fixture.h"

namespace chatgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(ChatgatectlTest, CallWritesTheAnswerInTheProtosNames) {
  v1::GetConversationResponse response;
  response.mutable_conversation()->set_id(18446744073709551615u);
  response.mutable_conversation()->set_parts_count(2);
  service_.Answer("GetConversation", response);
  const Outcome outcome =
      Run({"call", "GetConversation", "{\"conversation_id\": 1}"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("\"id\":\"18446744073709551615\""));
  EXPECT_THAT(outcome.output, HasSubstr("\"parts_count\":\"2\""));
}

TEST_F(ChatgatectlTest, CallReadsStandardInput) {
  const std::string file = dir_.Write(
      "request", "{\"conversation_id\": \"7\", \"body\": \"from a file\"}");
  auto program = ChildProcess::Start(
      {"/bin/sh", "-c",
       absl::StrCat("exec ", CHATGATECTL_PROGRAM, " --server ",
                    service_.address(), " call ReplyToConversation - < ",
                    file)});
  ASSERT_THAT(program, IsOk());
  (*program)->ReadAll(kPatience);
  EXPECT_EQ((*program)->Wait(), 0);
  ASSERT_EQ(service_.replies().size(), 1u);
  EXPECT_EQ(service_.replies()[0].conversation_id(), 7u);
  EXPECT_EQ(service_.replies()[0].body(), "from a file");
  EXPECT_NE(service_.replies()[0].request_id(), "");
}

TEST_F(ChatgatectlTest, WrongMethodListsTheRightOnes) {
  const Outcome outcome = Run({"call", "GetConversations"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("no method GetConversations"),
                    HasSubstr("ListUsers"), Not(HasSubstr("Subscribe"))));
}

TEST_F(ChatgatectlTest, WrongJsonNamesTheField) {
  const Outcome outcome =
      Run({"call", "GetConversation", "{\"conversation\": 1}"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, HasSubstr("conversation"));
}

TEST_F(ChatgatectlTest, WrongJsonIsToldOnOneLine) {
  const Outcome outcome = Run({"call", "GetConversation", "{no json"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, StartsWith("chatgatectl: the JSON is no "));
  EXPECT_EQ(outcome.output.find('\n'), outcome.output.size() - 1);
}

TEST_F(ChatgatectlTest, RefusedCallEndsWithOne) {
  service_.FailNext(
      "GetConversation",
      WithReason(absl::NotFoundError("no conversation 1"), "LookupError"));
  const Outcome outcome = Run({"call", "GetConversation"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.output,
            "chatgatectl: NOT_FOUND: no conversation 1 (LookupError)\n");
}

TEST_F(ChatgatectlTest, WithoutATokenEndsWithThree) {
  service_.RequireToken("secret");
  const Outcome outcome = Run({"call", "ListChannels"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.output, HasSubstr("CHATGATE_TOKEN"));
}

TEST_F(ChatgatectlTest, TokenComesFromTheEnvironmentOrAFile) {
  service_.RequireToken("secret");
  EXPECT_EQ(Run({"call", "ListChannels"}, "secret").exit_code, 0);
  const std::string file = dir_.Write("token", "secret\n");
  EXPECT_EQ(Run({"call", "ListChannels", "--token_file", file}).exit_code, 0);
}

TEST_F(ChatgatectlTest, TokenFileOfAnotherKindIsRefused) {
  const std::string file = dir_.Write("token", "two words");
  EXPECT_EQ(Run({"call", "ListChannels", "--token_file", file}).exit_code, 2);
}

TEST_F(ChatgatectlTest, GatewayThatIsNotThereEndsWithFour) {
  const Outcome outcome = Run(
      {"call", "ListChannels", "--server", "127.0.0.1:1", "--deadline", "1s"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_THAT(outcome.output, HasSubstr("is the gateway running"));
}

TEST_F(ChatgatectlTest, WrongCommandLinesEndWithTwo) {
  EXPECT_EQ(Run({}).exit_code, 2);
  EXPECT_EQ(Run({"dance"}).exit_code, 2);
  EXPECT_EQ(Run({"call"}).exit_code, 2);
  EXPECT_EQ(Run({"tail", "dashly:5"}).exit_code, 2);
  EXPECT_EQ(Run({"tail", "--kind", "nothing"}).exit_code, 2);
  EXPECT_EQ(Run({"tail", "--app_id", "x"}).exit_code, 2);
  EXPECT_EQ(Run({"tail", "--coun", "1"}).exit_code, 2);
  EXPECT_EQ(Run({"tail", "--count", "many"}).exit_code, 2);
  EXPECT_EQ(Run({"tail", "--count"}).exit_code, 2);
  EXPECT_EQ(Run({"ingest"}).exit_code, 2);
  EXPECT_EQ(Run({"ingest", "file"}).exit_code, 2);
}

TEST_F(ChatgatectlTest, FlagThatTheCommandDoesNotTakeIsRefused) {
  const auto refused = [&](const std::vector<std::string>& arguments) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
    return outcome.output;
  };
  EXPECT_EQ(refused({"call", "ListUsers", "--app_id", "777"}),
            "chatgatectl: call takes no --app_id: put app_id into the JSON\n");
  EXPECT_EQ(refused({"export", "--conversation", "x"}),
            "chatgatectl: export takes no --conversation: it takes --app_id, "
            "--deadline, --server, --tls_ca, --token_file\n");
  EXPECT_THAT(refused({"webhooks", "list", "--json"}),
              HasSubstr("call ListWebhookTargets"));
  EXPECT_THAT(refused({"webhooks", "resend", "1", "--app_id", "5"}),
              HasSubstr("`webhooks list` alone takes --app_id"));
  EXPECT_THAT(refused({"ingest", "file", "--server", "x:1"}),
              HasSubstr("--http HOST:PORT"));
  EXPECT_THAT(refused({"completion", "bash", "--watch"}),
              HasSubstr("it takes no flags"));
  EXPECT_THAT(refused({"methods", "--nojson"}), HasSubstr("no --json"));
}

TEST_F(ChatgatectlTest, DurationWithoutAUnitIsToldWhatItLacks) {
  EXPECT_EQ(Run({"call", "ListChannels", "--deadline", "10"}).output,
            "chatgatectl: --deadline cannot be \"10\": a duration has a unit, "
            "such as 10s, 500ms or 2m\n");
}

TEST_F(ChatgatectlTest, HelpNamesCommandsAndExitCodes) {
  const Outcome outcome = Run({"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("tail"), HasSubstr("ingest"), HasSubstr("call"),
                    HasSubstr("Ends with 0")));
}

TEST_F(ChatgatectlTest, MethodsListsWhatEachTakes) {
  const Outcome outcome = Run({"methods"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(
      outcome.output,
      HasSubstr("GetConversation  app_id, conversation_id, max_staleness\n"));
}

constexpr char kFull[] =
    "chatgatectl: RESOURCE_EXHAUSTED: standard output takes no more; what was "
    "written last is lost\n";

TEST_F(ChatgatectlTest, FullDiskEndsWithOne) {
  const std::vector<std::vector<std::string>> commands = {
      {"call", "ListChannels"}, {"methods"}, {"--help"}};
  for (const auto& command : commands) {
    const Outcome outcome = RunOnFullDisk(command);
    EXPECT_EQ(outcome.exit_code, 1) << command[0];
    EXPECT_EQ(outcome.output, kFull) << command[0];
  }
}

// Whoever closes a pipe, such as `head`, has what they wanted.
TEST_F(ChatgatectlTest, ClosedPipeEndsWithOneAndNoWord) {
  const std::vector<std::vector<std::string>> commands = {
      {"call", "ListChannels"}, {"methods"}, {"--help"}};
  for (const auto& command : commands) {
    const Outcome outcome = RunOnClosedPipe(command);
    EXPECT_EQ(outcome.exit_code, 1) << command[0];
    EXPECT_EQ(outcome.output, "") << command[0];
  }
}

TEST_F(ChatgatectlTest, CompletionKnowsCommandsMethodsAndFlags) {
  const auto complete = [&](const std::string& words) {
    auto bash = ChildProcess::Start(
        {"/bin/bash", "-c",
         absl::StrCat("source <(", CHATGATECTL_PROGRAM,
                      " completion bash); COMP_WORDS=(chatgatectl ", words,
                      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _chatgatectl; "
                      "echo ${COMPREPLY[@]}")});
    EXPECT_THAT(bash, IsOk());
    return (*bash)->ReadAll(kPatience);
  };
  EXPECT_EQ(complete("ta"), "tail\n");
  EXPECT_EQ(complete("--server x:1 call GetConv"), "GetConversation\n");
  EXPECT_EQ(complete("tail --tls"), "--tls_ca\n");
  EXPECT_EQ(complete("tail --kind unre"), "unrecognized\n");
  EXPECT_EQ(complete("webhooks res"), "resend\n");
  EXPECT_THAT(complete("''"), HasSubstr("call tail ingest"));
  EXPECT_THAT(Run({"completion", "zsh"}).output, HasSubstr("bashcompinit"));
  EXPECT_EQ(Run({"completion"}).exit_code, 2);
  EXPECT_EQ(Run({"completion", "fish"}).exit_code, 2);
}

}  // namespace
}  // namespace chatgate
