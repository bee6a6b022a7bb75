#include "server/config/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace chatgate {

absl::StatusOr<ListenAddress> ListenAddress::Parse(absl::string_view text) {
  const absl::Status wrong =
      absl::InvalidArgumentError(absl::StrCat("`", text, "` is no HOST:PORT"));
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return wrong;
  absl::string_view host = text.substr(0, colon);
  const absl::string_view port_text = text.substr(colon + 1);
  uint32_t port = 0;
  // SimpleAtoi would take white space and a sign.
  if (port_text.empty() || port_text.size() > 5 ||
      port_text.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(port_text, &port) || port > 65'535) {
    return wrong;
  }
  const bool brackets = host.size() > 2 && host.front() == '[';
  if (brackets) {
    if (host.back() != ']') return wrong;
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty() || absl::StrContains(host, ':') != brackets) return wrong;
  return ListenAddress{std::string(host), static_cast<uint16_t>(port)};
}

bool ListenAddress::IsLoopback() const {
  if (host == "localhost") return true;
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return ntohl(v4.s_addr) >> 24 == 127;
  }
  in6_addr v6;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace chatgate
