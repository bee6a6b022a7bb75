#include "server/outbox/resolver.h"

#include <atomic>
#include <thread>

#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(ResolverTest, AnAddressInDigitsIsNotLookedUp) {
  const auto resolver = MakeResolver([](const std::string&, uint16_t) {
    ADD_FAILURE() << "asked";
    return absl::UnavailableError("asked");
  });
  ASSERT_OK_AND_ASSIGN(const auto addresses, resolver->Resolve("192.0.2.7", 5));
  ASSERT_THAT(addresses, SizeIs(1));
  EXPECT_EQ(addresses[0].ToString(), "192.0.2.7");
}

TEST(ResolverTest, WhatTheNameServiceSaysIsPassedOn) {
  const auto resolver = MakeResolver(
      [](const std::string& host, uint16_t port) -> Resolver::Addresses {
        if (host != "a.example") return absl::UnavailableError("no such host");
        return std::vector<SocketAddress>{
            *SocketAddress::FromDigits("192.0.2.8", port)};
      });
  EXPECT_THAT(resolver->Resolve("a.example", 80), IsOk());
  EXPECT_THAT(resolver->Resolve("b.example", 80),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no such")));
}

// A gateway that stops cannot wait until a dead name service is given up.
TEST(ResolverTest, CancelEndsALookUpThatDoesNotEnd) {
  std::atomic<bool> begun = false;
  std::atomic<bool> may_end = false;
  std::atomic<bool> ended = false;
  const auto resolver = MakeResolver([&](const std::string&, uint16_t) {
    begun = true;
    while (!may_end) std::this_thread::yield();
    ended = true;
    return absl::UnavailableError("nobody hears it");
  });
  absl::Status status;
  std::thread asking(
      [&] { status = resolver->Resolve("slow.example", 80).status(); });
  while (!begun) std::this_thread::yield();
  resolver->Cancel();
  asking.join();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(resolver->Resolve("slow.example", 80),
              StatusIs(absl::StatusCode::kCancelled));
  may_end = true;
  while (!ended) std::this_thread::yield();
}

// Ways to write 127.0.0.1 that only the resolver understands.
TEST(SystemResolverTest, OldWaysToWriteLoopbackAreNotPublic) {
  const std::unique_ptr<Resolver> resolver = MakeSystemResolver();
  for (const char* host : {"127.1", "0x7f000001", "2130706433", "localhost"}) {
    ASSERT_OK_AND_ASSIGN(const std::vector<SocketAddress> addresses,
                         resolver->Resolve(host, 80));
    for (const SocketAddress& address : addresses) {
      EXPECT_FALSE(IsPublic(address)) << host << " " << address.ToString();
    }
  }
}

}  // namespace
}  // namespace chatgate
