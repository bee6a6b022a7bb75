// What a burst of large bodies leaves behind in a gateway: nothing.
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway.h"
#include "tests/support/status_matchers.h"
#include "tests/webhook/raw_client.h"

namespace chatgate {
namespace {

constexpr int kSenders = 200;
constexpr size_t kBodyBytes = 1'000'000;
// What threads keep for themselves: 32 MiB of freed memory together, and their
// stacks. Of 200 MB of forms 170 were kept without PrepareProcess, and 175 of
// as much JSON, or 700 of small values, where each thread's parser kept its
// text.
constexpr size_t kKeptBytesMax = 80'000'000;
constexpr absl::Duration kPatience = absl::Seconds(10);

size_t ResidentBytes(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/statm"));
  size_t pages = 0;
  size_t resident = 0;
  file >> pages >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

class LargeBodiesTest : public ::testing::Test {
 protected:
  LargeBodiesTest() {
    EXPECT_THAT(gateway_.Start(), IsOk());
    const std::vector<std::string> parts =
        absl::StrSplit(gateway_.http_address(), ':');
    EXPECT_TRUE(absl::SimpleAtoi(parts.back(), &port_));
    pid_ = gateway_.process().pid();
    before_ = ResidentBytes(pid_);
  }

  // Each request by all senders at once, who are strangers, on the connections
  // of the one before.
  void SendAll(const std::vector<std::string>& requests) {
    std::vector<RawClient> senders;
    for (int i = 0; i < kSenders; ++i) senders.emplace_back(port_);
    for (const std::string& request : requests) {
      const absl::string_view whole = request;
      const size_t half = request.size() / 2;
      for (RawClient& sender : senders) {
        ASSERT_TRUE(sender.Send(whole.substr(0, half)));
      }
      for (RawClient& sender : senders) {
        ASSERT_TRUE(sender.Send(whole.substr(half)));
      }
      for (RawClient& sender : senders) {
        EXPECT_EQ(sender.ReadAnswer().status, 401);
      }
    }
  }

  void ExpectNothingIsKept() {
    // The last one is freed a moment after its answer.
    const absl::Time end = absl::Now() + kPatience;
    size_t after = ResidentBytes(pid_);
    while (after > before_ + kKeptBytesMax && absl::Now() < end) {
      after = ResidentBytes(pid_);
    }
    EXPECT_LE(after, before_ + kKeptBytesMax);
    EXPECT_EQ(gateway_.Stop(), 0);
  }

 private:
  Gateway gateway_;
  int port_ = 0;
  pid_t pid_ = 0;
  size_t before_ = 0;
};

TEST_F(LargeBodiesTest, FormsLeaveNoMemoryBehind) {
  SendAll({PostText(
      "/webhooks/dashly", "application/x-www-form-urlencoded",
      absl::StrCat("token=wrong&data=", std::string(kBodyBytes, 'x')))});
  ExpectNothingIsKept();
}

TEST_F(LargeBodiesTest, JsonLeavesNoMemoryBehind) {
  const std::string json = absl::StrCat(R"({"token": "wrong", "body": ")",
                                        std::string(kBodyBytes, 'x'), R"("})");
  SendAll({PostText("/webhooks/dashly", "application/json", json),
           PostText("/v1/conversations/1/reply", "application/json", json)});
  ExpectNothingIsKept();
}

// A parser needs many times the text where that is full of values.
TEST_F(LargeBodiesTest, ManySmallValuesLeaveNoMemoryBehind) {
  std::vector<std::string> requests;
  for (const size_t bytes : {131'072, 262'000}) {
    std::string json = R"({"a":[1)";
    while (json.size() + 4 <= bytes) json += ",1";
    requests.push_back(
        PostText("/v1/conversations/1/reply", "application/json", json + "]}"));
  }
  SendAll(requests);
  ExpectNothingIsKept();
}

}  // namespace
}  // namespace chatgate
