#include "server/base/log.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace chatgate {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// What `write` writes to standard error. The logger keeps the stream itself, so
// that what the test captures is what an operator sees.
template <typename Write>
std::string Written(Write write) {
  ::testing::internal::CaptureStderr();
  write();
  return ::testing::internal::GetCapturedStderr();
}

TEST(LogTest, WritesOneLineWithLevelAndFields) {
  const std::string line = Written([] {
    LogWarning("webhook refused", {{"status", 401}, {"hook", "dashly"}});
  });
  EXPECT_THAT(line,
              EndsWith("Z warning webhook refused status=401 hook=dashly\n"));
}

TEST(LogTest, QuotesValuesWithSpaces) {
  const std::string line = Written([] {
    LogInfo("x", {{"reason", "no such file"}});
  });
  EXPECT_THAT(line, HasSubstr("reason=\"no such file\""));
}

// A value from outside must not be able to forge a second line.
TEST(LogTest, EscapesLineEnds) {
  const std::string line = Written([] {
    LogInfo("x", {{"body", "a\nb info forged"}});
  });
  EXPECT_THAT(line, HasSubstr("body=\"a\\nb info forged\""));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(LogTest, WritesNothingBelowTheLevel) {
  EXPECT_EQ(Written([] { LogDebug("unseen"); }), "");
  SetLogLevel(LogLevel::kDebug);
  EXPECT_THAT(Written([] { LogDebug("seen"); }), HasSubstr("seen"));
  SetLogLevel(LogLevel::kInfo);
  EXPECT_THAT(Written([] { LogDebug("unseen"); }), Not(HasSubstr("unseen")));
}

}  // namespace
}  // namespace chatgate
