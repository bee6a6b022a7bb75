#include "server/outbox/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace chatgate {
namespace {

struct Ipv4Block {
  uint32_t address;
  int bits;
};

// IANA's special-purpose registry: what is not globally reachable.
constexpr Ipv4Block kNotPublic4[] = {
    {0x00000000, 8},   // 0.0.0.0/8, "this network".
    {0x0A000000, 8},   // 10.0.0.0/8, private.
    {0x64400000, 10},  // 100.64.0.0/10, shared by carriers (CGNAT).
    {0x7F000000, 8},   // 127.0.0.0/8, loopback.
    {0xA9FE0000, 16},  // 169.254.0.0/16, link-local, cloud metadata.
    {0xAC100000, 12},  // 172.16.0.0/12, private.
    {0xC0000000, 24},  // 192.0.0.0/24, protocol assignments.
    {0xC0000200, 24},  // 192.0.2.0/24, documentation.
    {0xC0586300, 24},  // 192.88.99.0/24, former 6to4 relays.
    {0xC0A80000, 16},  // 192.168.0.0/16, private.
    {0xC6120000, 15},  // 198.18.0.0/15, benchmarks.
    {0xC6336400, 24},  // 198.51.100.0/24, documentation.
    {0xCB007100, 24},  // 203.0.113.0/24, documentation.
    {0xE0000000, 3},   // 224.0.0.0/3, multicast, reserved, broadcast.
};

bool IsPublic4(uint32_t address) {
  for (const Ipv4Block& block : kNotPublic4) {
    const uint32_t mask = ~uint32_t{0} << (32 - block.bits);
    if ((address & mask) == block.address) return false;
  }
  return true;
}

uint32_t BigEndian(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 |
         uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}

bool IsPublic6(const std::array<uint8_t, 16>& a) {
  constexpr uint8_t kNat64[12] = {0, 0x64, 0xff, 0x9b};
  // 64:ff9b::/96 is the way to an IPv4 address: what counts is that one.
  if (std::memcmp(a.data(), kNat64, 12) == 0) {
    return IsPublic4(BigEndian(&a[12]));
  }
  // Only 2000::/3 is given out: neither ::1, v4-mapped, fc00::/7, fe80::/10,
  // fec0::/10 nor ff00::/8 lie in it.
  if ((a[0] & 0xE0) != 0x20) return false;
  if (a[0] == 0x20 && a[1] == 0x02) return IsPublic4(BigEndian(&a[2]));  // 6to4
  if (a[0] == 0x20 && a[1] == 0x01) {
    if (a[2] == 0x0D && a[3] == 0xB8) return false;  // Documentation.
    if ((a[2] & 0xFE) == 0)
      return false;  // 2001::/23: Teredo, ORCHID and so on.
  }
  if (a[0] == 0x3F && a[1] == 0xFF && (a[2] & 0xF0) == 0)
    return false;  // Docs.
  return true;
}

}  // namespace

absl::StatusOr<SocketAddress> SocketAddress::FromDigits(const std::string& host,
                                                        uint16_t port) {
  SocketAddress result;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    result.length = sizeof(*v4);
    return result;
  }
  if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    result.length = sizeof(*v6);
    return result;
  }
  return absl::NotFoundError("no address in digits");
}

std::string SocketAddress::ToString() const {
  char text[INET6_ADDRSTRLEN] = "";
  const void* bytes =
      storage.ss_family == AF_INET
          ? static_cast<const void*>(
                &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr)
          : &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr;
  inet_ntop(storage.ss_family, bytes, text, sizeof(text));
  return text;
}

bool IsPublic(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    return IsPublic4(
        ntohl(reinterpret_cast<const sockaddr_in*>(&address.storage)
                  ->sin_addr.s_addr));
  }
  if (address.storage.ss_family != AF_INET6) return false;
  std::array<uint8_t, 16> bytes;
  std::memcpy(
      bytes.data(),
      &reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr, 16);
  return IsPublic6(bytes);
}

}  // namespace chatgate
