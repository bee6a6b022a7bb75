// A workspace moves from one gateway to another, by the command line.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kForm[] = "application/x-www-form-urlencoded";

// Runs chatgatectl on a gateway: what it wrote, and its exit code.
struct Outcome {
  int exit_code = -1;
  std::string output;
};
Outcome Ctl(const Gateway& gateway, const std::vector<std::string>& words) {
  std::vector<std::string> arguments = {Binary("chatgatectl"), "--server",
                                        gateway.grpc_address()};
  arguments.insert(arguments.end(), words.begin(), words.end());
  const auto process = ChildProcess::Start(
      arguments, {absl::StrCat("CHATGATE_TOKEN=", kCallerToken)});
  EXPECT_THAT(process.status(), IsOk());
  if (!process.ok()) return {};
  Outcome outcome;
  outcome.output = (*process)->ReadAll(absl::Seconds(60));
  outcome.exit_code = (*process)->Wait();
  return outcome;
}

void Write(const Gateway& gateway, const std::string& lead,
           const std::string& body) {
  ASSERT_EQ(gateway
                .Post(absl::StrCat("/v1/users/", lead, "/startconversation"),
                      absl::StrCat("by_user_id=true&auth_token=", kApiToken,
                                   "&body=", body),
                      kForm)
                .status,
            200);
}

TEST(RecordsMoveTest, NothingIsLostOnTheWayToAnotherGateway) {
  Gateway old_home;
  ASSERT_THAT(old_home.Start(), IsOk());
  for (int i = 0; i < 30; ++i) {
    Write(old_home, absl::StrCat("lead-", i), "first");
    Write(old_home, absl::StrCat("lead-", i), "%D0%B4%D0%B0");
  }
  ASSERT_EQ(old_home.PostDashly(LeadPart(7, 64558819, "adopted")).status, 200);
  const Outcome exported = Ctl(old_home, {"export"});
  ASSERT_EQ(exported.exit_code, 0);

  Gateway new_home;
  ASSERT_THAT(new_home.Start(), IsOk());
  TempDir folder;
  const std::string file = folder.Write("chats.jsonl", exported.output);
  EXPECT_EQ(Ctl(new_home, {"import", file}).exit_code, 0);
  EXPECT_EQ(Ctl(new_home, {"export"}).output, exported.output);

  // 31 users, 61 conversations, 61 parts.
  const std::vector<std::string> lines =
      absl::StrSplit(exported.output, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), 31u + 61u + 61u);
  EXPECT_THAT(lines, Contains(HasSubstr("adopted")));
}

TEST(RecordsMoveTest, AnImportThatBrokeOffIsRepeated) {
  Gateway old_home;
  ASSERT_THAT(old_home.Start(), IsOk());
  Write(old_home, "lead", "hello");
  const std::string whole = Ctl(old_home, {"export"}).output;
  Gateway new_home;
  ASSERT_THAT(new_home.Start(), IsOk());
  TempDir folder;
  const std::string first_line = whole.substr(0, whole.find('\n') + 1);
  EXPECT_EQ(
      Ctl(new_home, {"import", folder.Write("part", first_line)}).exit_code, 0);
  EXPECT_EQ(Ctl(new_home, {"import", folder.Write("whole", whole)}).exit_code,
            0);
  EXPECT_EQ(Ctl(new_home, {"export"}).output, whole);
}

TEST(RecordsMoveTest, WrongLinesAreRefused) {
  Gateway gateway;
  ASSERT_THAT(gateway.Start(), IsOk());
  TempDir folder;
  EXPECT_EQ(Ctl(gateway, {"import", folder.Write("a", "no json\n")}).exit_code,
            1);
  EXPECT_EQ(
      Ctl(gateway, {"import", folder.Write("b", "{\"user\": {}}\n")}).exit_code,
      1);
  EXPECT_EQ(Ctl(gateway, {"import", folder.File("absent")}).exit_code, 2);
  EXPECT_EQ(Ctl(gateway, {"import"}).exit_code, 2);
  EXPECT_EQ(Ctl(gateway, {"export", "--app_id", "888"}).exit_code, 3);
  EXPECT_THAT(Ctl(gateway, {"export"}).output, IsEmpty());
}

}  // namespace
}  // namespace chatgate
