// What the system takes away from a gateway that runs: files, room, its folder,
// its terminal.
#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

class ProcessLimitsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(gateway_.Start(), IsOk()); }

  void Limit(__rlimit_resource resource, rlim_t limit) {
    const rlimit limits = {limit, limit};
    ASSERT_EQ(prlimit(gateway_.process().pid(), resource, &limits, nullptr), 0);
  }
  // The status of a webhook with a text of so many bytes.
  int Post(uint64_t id, size_t bytes) {
    return gateway_.PostDashly(LeadPart(id, 5, std::string(bytes, 'x'))).status;
  }

  Gateway gateway_;
};

// gRPC's listener would never accept again: somebody has to start it anew.
TEST_F(ProcessLimitsTest, EndsWhereItsListenerGetsNoFile) {
  Limit(RLIMIT_NOFILE, 3);
  const std::string& address = gateway_.grpc_address();
  int port = 0;
  ASSERT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
  sockaddr_in there = {};
  there.sin_family = AF_INET;
  there.sin_port = htons(static_cast<uint16_t>(port));
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&there), sizeof(there)),
            0);
  EXPECT_EQ(gateway_.process().Wait(), 1);
  close(client);
}

TEST_F(ProcessLimitsTest, AFileThatMayNotGrowIsAFullDisk) {
  Limit(RLIMIT_FSIZE, rlim_t{1} << 20);
  int status = 200;
  for (uint64_t id = 1; id <= 200 && status == 200; ++id) {
    status = Post(id, 20'000);
  }
  EXPECT_EQ(status, 503);
  EXPECT_EQ(gateway_.Stop(), 0);
}

// It would be gone at the next start.
TEST_F(ProcessLimitsTest, NothingIsStoredInAFolderThatIsGone) {
  EXPECT_EQ(Post(1, 10), 200);
  std::filesystem::remove_all(absl::StrCat(gateway_.directory(), "/data"));
  EXPECT_EQ(Post(2, 10), 503);
  EXPECT_EQ(gateway_.Stop(), 0);
}

TEST_F(ProcessLimitsTest, ATerminalThatIsGoneEndsItWell) {
  gateway_.process().Signal(SIGHUP);
  EXPECT_EQ(gateway_.process().Wait(), 0);
}

}  // namespace
}  // namespace chatgate
