#include "server/config/listen_address.h"

#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

TEST(ListenAddressTest, HostAndPortAreTakenApart) {
  ASSERT_OK_AND_ASSIGN(const ListenAddress address,
                       ListenAddress::Parse("127.0.0.1:8080"));
  EXPECT_EQ(address.host, "127.0.0.1");
  EXPECT_EQ(address.port, 8080);
}

TEST(ListenAddressTest, BracketsAreNoPartOfTheHost) {
  ASSERT_OK_AND_ASSIGN(const ListenAddress address,
                       ListenAddress::Parse("[::1]:0"));
  EXPECT_EQ(address.host, "::1");
  EXPECT_EQ(address.port, 0);
}

TEST(ListenAddressTest, WhatIsNoAddressIsRefused) {
  for (const char* text :
       {"", ":", "host", "host:", ":80", "host:65536", "host:-1", "host: 1",
        "host:+1", "::1:80", "[::1:80", "[host]:80", "host:8o"}) {
    EXPECT_THAT(ListenAddress::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(ListenAddressTest, LoopbackIsWhatOnlyThisMachineReaches) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
    EXPECT_TRUE((ListenAddress{host, 1}.IsLoopback())) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "128.0.0.1", "example.com",
                           "127.0.0.1.example.com", "localhost.example.com"}) {
    EXPECT_FALSE((ListenAddress{host, 1}.IsLoopback())) << host;
  }
}

}  // namespace
}  // namespace chatgate
