#include <google/protobuf/util/json_util.h>
#include <httplib.h>
#include <signal.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
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
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(60);

struct Outcome {
  int exit_code;
  std::string output;  // Standard output and error.
};

class ChatgatectlTest : public ::testing::Test {
 protected:
  std::unique_ptr<ChildProcess> Start(std::vector<std::string> arguments,
                                      const std::string& token = "") {
    arguments.insert(arguments.begin(),
                     {"/bin/sh", "-c", "exec \"$0\" \"$@\" 2>&1",
                      CHATGATECTL_PROGRAM, "--server", service_.address()});
    auto started = ChildProcess::Start(arguments, {"CHATGATE_TOKEN=" + token});
    EXPECT_THAT(started, IsOk());
    return *std::move(started);
  }
  Outcome Run(std::vector<std::string> arguments,
              const std::string& token = "") {
    const auto program = Start(std::move(arguments), token);
    Outcome outcome;
    outcome.output = program->ReadAll(kPatience);
    outcome.exit_code = program->Wait();
    return outcome;
  }
  static v1::Event Message(const std::string& body) {
    v1::Event event;
    event.set_conversation("dashly:5");
    event.mutable_received_time()->set_seconds(1'492'604'036);
    v1::ConversationPart& part =
        *event.mutable_dashly_conversation()->mutable_conversation();
    part.set_type("reply_user");
    part.set_direction("u2a");
    part.set_body(body);
    part.mutable_sender()->set_user_id(85'648'207);
    return event;
  }

  TempDir dir_;
  FakeChatService service_;
};

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

TEST_F(ChatgatectlTest, TailWritesALineForEachEvent) {
  service_.Publish(Message("ewfwfwef"));
  service_.Publish(Message("two\nlines\x1b[2J"));
  const Outcome outcome =
      Run({"tail", "--output", "human", "--from", "earliest", "--count", "2"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output,
            "2017-04-19T12:13:56Z dashly:5 lead 85648207: ewfwfwef\n"
            "2017-04-19T12:13:56Z dashly:5 lead 85648207: two\\nlines\\x1b[2J\n"
            "chatgatectl: go on with --from fake:2\n");
}

TEST_F(ChatgatectlTest, TailWritesJsonLinesThatReadBack) {
  service_.Publish(Message("hello"));
  const auto program =
      Start({"tail", "--json", "--from", "earliest", "--count", "1"});
  ASSERT_OK_AND_ASSIGN(const std::string line, program->ReadLine(kPatience));
  v1::Event event;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(line, &event).ok());
  EXPECT_EQ(event.seq(), 1u);
  EXPECT_THAT(line, HasSubstr("\"dashly_conversation\""));
}

TEST_F(ChatgatectlTest, PipeGetsJsonLines) {
  service_.Publish(Message("hello"));
  const auto program = Start({"tail", "--from", "earliest", "--count", "1"});
  EXPECT_THAT(program->ReadLine(kPatience),
              IsOkAndHolds(HasSubstr("{\"seq\"")));
  v1::ListChannelsResponse response;
  response.add_channels()->set_name("Shop");
  response.add_channels()->set_name("Blog");
  service_.Answer("ListChannels", response);
  EXPECT_EQ(Run({"call", "ListChannels"}).output,
            "{\"channels\":[{\"name\":\"Shop\"},{\"name\":\"Blog\"}]}\n");
}

TEST_F(ChatgatectlTest, ListIsATableForPeople) {
  v1::ListConversationsResponse response;
  response.add_conversations()->set_id(1);
  response.mutable_conversations(0)->set_type("привет");
  response.add_conversations()->set_id(64558819);
  response.mutable_conversations(1)->set_type(std::string(50, 'x') + "\x1b");
  response.mutable_conversations(1)->set_closed(true);
  response.set_next_page_token("next");
  service_.Answer("ListConversations", response);
  EXPECT_EQ(Run({"call", "ListConversations", "--output", "human"}).output,
            "id        closed  type\n"
            "1                 привет\n"
            "64558819  true    xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\n"
            "next_page_token: next\n");
}

TEST_F(ChatgatectlTest, UnknownOutputIsRefused) {
  EXPECT_EQ(Run({"tail", "--output", "xml"}).exit_code, 2);
}

// A terminal of its own, as a person has it.
class TerminalTest : public ChatgatectlTest {
 protected:
  std::string RunOnTerminal(const std::string& arguments,
                            const std::string& environment = "NO_COLOR=") {
    auto program =
        ChildProcess::Start({"/usr/bin/script", "-qec",
                             absl::StrCat(CHATGATECTL_PROGRAM, " --server ",
                                          service_.address(), " ", arguments),
                             "/dev/null"},
                            {"TERM=xterm", environment});
    EXPECT_THAT(program, IsOk());
    return (*program)->ReadAll(kPatience);
  }
};

TEST_F(TerminalTest, ShowsLinesInColours) {
  service_.Publish(Message("hello"));
  const std::string tail = "tail --from earliest --count 1";
  EXPECT_THAT(RunOnTerminal(tail),
              HasSubstr("\x1b[36mdashly:5\x1b[0m \x1b[1mlead 85648207\x1b[0m: "
                        "hello\r\n"));
  EXPECT_THAT(RunOnTerminal(tail, "NO_COLOR=1"),
              HasSubstr(" dashly:5 lead 85648207: hello\r\n"));
}

TEST_F(TerminalTest, ShowsHowFarLongWorkIs) {
  EXPECT_THAT(RunOnTerminal("ingest /nowhere/a /nowhere/b --http 127.0.0.1:1"),
              HasSubstr("posted 1 of 2"));
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

TEST_F(ChatgatectlTest, TailGoesOnFromACursorAndOverALostStream) {
  for (int i = 0; i < 3; ++i) service_.Publish(Message(absl::StrCat("m", i)));
  const auto program = Start({"tail", "--from", "fake:1"});
  EXPECT_THAT(program->ReadLine(kPatience), IsOkAndHolds(HasSubstr("m1")));
  EXPECT_THAT(program->ReadLine(kPatience), IsOkAndHolds(HasSubstr("m2")));
  service_.EndStreams(absl::UnavailableError("stopping"));
  service_.Publish(Message("m3"));
  EXPECT_THAT(program->ReadLine(kPatience),
              IsOkAndHolds(HasSubstr("UNAVAILABLE: stopping - trying again")));
  EXPECT_THAT(program->ReadLine(kPatience), IsOkAndHolds(HasSubstr("m3")));
}

TEST_F(ChatgatectlTest, InterruptedTailEndsWellAndSaysHowToGoOn) {
  service_.Publish(Message("hello"));
  const auto program = Start({"tail", "--from", "earliest"});
  EXPECT_THAT(program->ReadLine(kPatience), IsOkAndHolds(HasSubstr("hello")));
  program->Signal(SIGINT);
  EXPECT_THAT(program->ReadLine(kPatience),
              IsOkAndHolds("chatgatectl: go on with --from fake:1"));
  EXPECT_EQ(program->Wait(), 0);
}

TEST_F(ChatgatectlTest, TailSendsItsFilters) {
  service_.Publish(Message("hello"));
  Run({"tail", "--from", "2017-04-19T12:13:56.5+00:00", "--count", "1",
       "--from=1999-12-31T23:59:59.25Z",
       "--kind=dashly_conversation,unrecognized", "--conversation=dashly:5",
       "--user_id=85648207", "--direction=u2a", "--part_type=reply_user",
       "--app_id=0,7", "--raw"});
  ASSERT_EQ(service_.subscribes().size(), 1u);
  EXPECT_EQ(service_.subscribes()[0].ShortDebugString(),
            "start_time { seconds: 946684799 nanos: 250000000 } filter { "
            "kinds: EVENT_KIND_DASHLY_CONVERSATION kinds: "
            "EVENT_KIND_UNRECOGNIZED conversations: \"dashly:5\" user_ids: "
            "\"85648207\" directions: \"u2a\" part_types: \"reply_user\" "
            "app_ids: 0 app_ids: 7 } include_raw: true");
}

TEST_F(ChatgatectlTest, TailWritesGaps) {
  for (int i = 0; i < 3; ++i) service_.Publish(Message("hello"));
  service_.Forget(2);
  const Outcome outcome =
      Run({"tail", "--output=human", "--from", "fake:0", "--count", "1"});
  EXPECT_THAT(outcome.output, HasSubstr("-- events 1 to 2 are gone --\n"));
}

// Takes webhooks as the gateway would.
class IngestTest : public ChatgatectlTest {
 protected:
  IngestTest() {
    web_.Post("/webhooks/.*", [this](const httplib::Request& request,
                                     httplib::Response& response) {
      const absl::string_view path = request.path;
      seen_ += absl::StrCat(path, " ", request.get_header_value("Content-Type"),
                            " ", request.body, "\n");
      response.status = request.body == "bad" ? 400 : 200;
      response.set_content("{\"ok\":1}\n", "application/json");
    });
    port_ = web_.bind_to_any_port("127.0.0.1");
    listener_ = std::thread([this] { web_.listen_after_bind(); });
    // A stop before that would be forgotten.
    while (!web_.is_running()) std::this_thread::yield();
  }
  ~IngestTest() override {
    web_.stop();
    listener_.join();
  }
  std::string Http() const { return absl::StrCat("127.0.0.1:", port_); }

  httplib::Server web_;
  int port_ = 0;
  std::string seen_;  // Read once the program has ended.
  std::thread listener_;
};

TEST_F(IngestTest, PostsFilesInOrderWithTheTypeOfTheirEnding) {
  const std::string form = dir_.Write("a.form", "token=x");
  const std::string json = dir_.Write("b.json", "{}");
  const Outcome outcome = Run({"ingest", form, json, "--http", Http()});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output,
            absl::StrCat(form, " 200 {\"ok\":1}\n", json, " 200 {\"ok\":1}\n"));
  web_.stop();
  EXPECT_EQ(seen_,
            "/webhooks/dashly application/x-www-form-urlencoded token=x\n"
            "/webhooks/dashly application/json {}\n");
}

TEST_F(IngestTest, PathAndTypeCanBeGiven) {
  const std::string file = dir_.Write("a", "{}");
  const Outcome outcome =
      Run({"ingest", file, "--http", Http(), "--path",
           "/webhooks/chatlio/secret/feedback", "--type", "application/json"});
  EXPECT_EQ(outcome.exit_code, 0);
  web_.stop();
  EXPECT_EQ(seen_, "/webhooks/chatlio/secret/feedback application/json {}\n");
}

TEST_F(IngestTest, AnswerOtherThan200EndsWithOne) {
  const std::string bad = dir_.Write("bad.form", "bad");
  const std::string good = dir_.Write("good.form", "good");
  const Outcome outcome = Run({"ingest", bad, good, "--http", Http()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("bad.form 400"), HasSubstr("good.form 200")));
}

TEST_F(IngestTest, MissingFileIsNamed) {
  const Outcome outcome = Run({"ingest", "/nowhere/x", "--http", Http()});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("/nowhere/x"));
}

TEST_F(IngestTest, ListenerThatIsNotThereEndsWithFour) {
  const std::string file = dir_.Write("a.form", "x");
  const Outcome outcome = Run({"ingest", file, "--http", "127.0.0.1:1"});
  EXPECT_EQ(outcome.exit_code, 4);
}

}  // namespace
}  // namespace chatgate
