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
// Of the 200 MB that they sent. Without PrepareProcess 170 were kept.
constexpr size_t kKeptBytesMax = 40'000'000;
constexpr absl::Duration kPatience = absl::Seconds(10);

size_t ResidentBytes(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/statm"));
  size_t pages = 0;
  size_t resident = 0;
  file >> pages >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// All of them at once, from strangers.
void SendAll(int port, const std::string& request) {
  const absl::string_view half =
      absl::string_view(request).substr(0, request.size() / 2);
  std::vector<RawClient> senders;
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back(port);
    ASSERT_TRUE(senders.back().Send(half));
  }
  for (RawClient& sender : senders) {
    ASSERT_TRUE(sender.Send(absl::string_view(request).substr(half.size())));
  }
  for (RawClient& sender : senders) EXPECT_EQ(sender.ReadAnswer().status, 401);
}

TEST(LargeBodiesTest, LeaveNoMemoryBehind) {
  Gateway gateway;
  ASSERT_THAT(gateway.Start(), IsOk());
  int port = 0;
  const std::vector<std::string> parts =
      absl::StrSplit(gateway.http_address(), ':');
  ASSERT_TRUE(absl::SimpleAtoi(parts.back(), &port));
  const std::string request =
      PostText("/webhooks/dashly", "application/x-www-form-urlencoded",
               absl::StrCat("token=wrong&data=", std::string(kBodyBytes, 'x')));
  const pid_t pid = gateway.process().pid();
  const size_t before = ResidentBytes(pid);
  SendAll(port, request);
  // The last one is freed a moment after its answer.
  const absl::Time end = absl::Now() + kPatience;
  size_t after = ResidentBytes(pid);
  while (after > before + kKeptBytesMax && absl::Now() < end) {
    after = ResidentBytes(pid);
  }
  EXPECT_LE(after, before + kKeptBytesMax);
  EXPECT_EQ(gateway.Stop(), 0);
}

}  // namespace
}  // namespace chatgate
