#ifndef CHATGATE_TESTS_CLIENT_CHATGATECTL_FIXTURE_H_
#define CHATGATE_TESTS_CLIENT_CHATGATECTL_FIXTURE_H_

#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/testing/fake_chat_service.h"
#include "gtest/gtest.h"
#include "tests/support/child_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

inline constexpr absl::Duration kPatience = absl::Seconds(60);

// What a program left behind.
struct Outcome {
  int exit_code;
  std::string output;  // Standard output and error.
};

// The real program against a gateway in memory.
class ChatgatectlTest : public ::testing::Test {
 protected:
  std::unique_ptr<ChildProcess> Start(std::vector<std::string> arguments,
                                      const std::string& token = "") {
    if (!arguments.empty() && arguments[0] != "ingest" &&
        arguments[0] != "completion") {
      arguments.insert(arguments.begin(), {"--server", service_.address()});
    }
    arguments.insert(
        arguments.begin(),
        {"/bin/sh", "-c", "exec \"$0\" \"$@\" 2>&1", CHATGATECTL_PROGRAM});
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
  // Standard output is a full disk; `output` has standard error alone.
  Outcome RunOnFullDisk(std::vector<std::string> arguments) {
    return RunInto("/dev/full", std::move(arguments));
  }
  // The same for a pipe that nobody reads any more.
  Outcome RunOnClosedPipe(std::vector<std::string> arguments) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    close(ends[0]);
    Outcome outcome = RunInto(absl::StrCat("&", ends[1]), std::move(arguments));
    close(ends[1]);
    return outcome;
  }
  // `output` is a file, or `&` and a descriptor, as the shell has it.
  Outcome RunInto(const std::string& output,
                  std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"/bin/bash", "-c", "exec \"$0\" \"$@\" 2>&1 >" + output,
                      CHATGATECTL_PROGRAM, "--server", service_.address()});
    const auto program = ChildProcess::Start(arguments);
    EXPECT_THAT(program, IsOk());
    Outcome outcome;
    outcome.output = (*program)->ReadAll(kPatience);
    outcome.exit_code = (*program)->Wait();
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

}  // namespace chatgate

#endif  // CHATGATE_TESTS_CLIENT_CHATGATECTL_FIXTURE_H_
