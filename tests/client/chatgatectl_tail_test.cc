// What tail follows, and how output looks to people and to programs.
#include <google/protobuf/util/json_util.h>
#include <signal.h>

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "chatgate_wire/rpc_status.pb.h"
#include "gmock/gmock.h"
#include "tests/client/chatgatectl_fixture.h"

namespace chatgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
    auto program = ChildProcess::Start(
        {"/usr/bin/script", "-qec",
         absl::StrCat(CHATGATECTL_PROGRAM, " ", arguments), "/dev/null"},
        {"TERM=xterm", environment});
    EXPECT_THAT(program, IsOk());
    return (*program)->ReadAll(kPatience);
  }
};

TEST_F(TerminalTest, ShowsLinesInColours) {
  service_.Publish(Message("hello"));
  const std::string tail =
      "tail --from earliest --count 1 --server " + service_.address();
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

TEST_F(ChatgatectlTest, TailOnAFullDiskGoesOnBeforeWhatWasLost) {
  service_.Publish(Message("one"));
  service_.Publish(Message("two"));
  for (const char* count : {"--count=2", "--count=1", "--count=0"}) {
    const Outcome outcome = RunOnFullDisk({"tail", "--from=earliest", count});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_EQ(outcome.output,
              "chatgatectl: go on with --from fake:0\n"
              "chatgatectl: RESOURCE_EXHAUSTED: standard output takes no more; "
              "what was written last is lost\n");
  }
}

TEST_F(ChatgatectlTest, TailWhosePipeIsClosedNamesItsCursor) {
  service_.Publish(Message("one"));
  const Outcome outcome = RunOnClosedPipe({"tail", "--from=earliest"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.output, "chatgatectl: go on with --from fake:0\n");
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

TEST_F(ChatgatectlTest, ListFlagsAddUp) {
  service_.Publish(Message("hello"));
  Run({"tail", "--from=earliest", "--count=1", "--conversation=dashly:1",
       "--conversation", "dashly:5,dashly:6"});
  ASSERT_EQ(service_.subscribes().size(), 1u);
  EXPECT_THAT(service_.subscribes()[0].filter().conversations(),
              ElementsAre("dashly:1", "dashly:5", "dashly:6"));
}

// As the gateway refuses what is no cursor.
absl::Status NoCursor() {
  wire::BadRequest request;
  request.add_field_violations()->set_field("cursor");
  absl::Status status = absl::InvalidArgumentError("cursor: is not one");
  status.SetPayload("type.googleapis.com/google.rpc.BadRequest",
                    absl::Cord(request.SerializeAsString()));
  return status;
}

TEST_F(ChatgatectlTest, FromThatIsNothingIsToldWhatItCanBe) {
  service_.FailNext("Subscribe", NoCursor());
  const Outcome outcome = Run({"tail", "--from", "yesterday"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.output,
            "chatgatectl: --from is latest, earliest, a time such as "
            "2026-01-31T12:00:00Z, or a cursor; \"yesterday\" is none\n");
}

TEST_F(ChatgatectlTest, CursorThatIsRefusedIsNotAdvised) {
  service_.Publish(Message("hello"));
  const auto program = Start({"tail", "--from", "earliest"});
  EXPECT_THAT(program->ReadLine(kPatience), IsOkAndHolds(HasSubstr("hello")));
  service_.EndStreams(WithReason(absl::FailedPreconditionError("restored"),
                                 "CURSOR_OF_ANOTHER_LOG"));
  EXPECT_EQ(program->ReadAll(kPatience),
            "chatgatectl: FAILED_PRECONDITION: restored "
            "(CURSOR_OF_ANOTHER_LOG)\n");
  EXPECT_EQ(program->Wait(), 1);
}

TEST_F(ChatgatectlTest, TailWritesGaps) {
  for (int i = 0; i < 3; ++i) service_.Publish(Message("hello"));
  service_.Forget(2);
  const Outcome outcome =
      Run({"tail", "--output=human", "--from", "fake:0", "--count", "1"});
  EXPECT_THAT(outcome.output, HasSubstr("-- events 1 to 2 are gone --\n"));
}

}  // namespace
}  // namespace chatgate
