#include "server/outbox/address.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

bool IsPublicText(const char* digits) {
  const absl::StatusOr<SocketAddress> address =
      SocketAddress::FromDigits(digits, 80);
  EXPECT_THAT(address, IsOk()) << digits;
  return address.ok() && IsPublic(*address);
}

class PublicAddressTest : public ::testing::TestWithParam<const char*> {};
TEST_P(PublicAddressTest, IsPublic) { EXPECT_TRUE(IsPublicText(GetParam())); }
INSTANTIATE_TEST_SUITE_P(
    All, PublicAddressTest,
    ::testing::Values("8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
                      "100.128.0.0", "126.255.255.255", "128.0.0.0",
                      "172.15.255.255", "172.32.0.0", "192.167.255.255",
                      "192.169.0.0", "198.17.255.255", "198.20.0.0",
                      "223.255.255.255", "2606:4700::1111", "2a00:1450::1",
                      "64:ff9b::8.8.8.8", "2002:808:808::1"));

class PrivateAddressTest : public ::testing::TestWithParam<const char*> {};
TEST_P(PrivateAddressTest, IsNotPublic) {
  EXPECT_FALSE(IsPublicText(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(
    All, PrivateAddressTest,
    ::testing::Values(
        "0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0",
        "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.0",
        "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.8",
        "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255",
        "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::8.8.8.8",
        "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "100::1",
        "2001::1", "2001:db8::1", "2001:10::1", "3fff::1", "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8", "2002:7f00:1::1",
        "2002:a9fe:a9fe::1", "5f00::1"));

TEST(SocketAddressTest, NamesAreNoDigits) {
  EXPECT_THAT(SocketAddress::FromDigits("localhost", 80),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(SocketAddress::FromDigits("127.1", 80),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace chatgate
