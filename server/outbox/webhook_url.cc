#include "server/outbox/webhook_url.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr size_t kUrlBytesMax = 2048;
constexpr size_t kHostBytesMax = 253;

absl::Status Wrong(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

bool IsHostName(absl::string_view host) {
  if (host.empty() || host.size() > kHostBytesMax) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
           c == '.' || c == '_';
  });
}

// `[ADDRESS]` at the beginning of `authority`, which is moved behind it.
absl::StatusOr<std::string> TakeIpv6(absl::string_view* authority) {
  const size_t end = authority->find(']');
  if (end == absl::string_view::npos) return Wrong("a `]` is missing");
  std::string host(authority->substr(1, end - 1));
  in6_addr address;
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1) {
    return Wrong("what stands in brackets is no IPv6 address");
  }
  authority->remove_prefix(end + 1);
  return host;
}

absl::Status ReadAuthority(absl::string_view authority, WebhookUrl* url) {
  if (absl::StrContains(authority, '@')) {
    return Wrong("a user name or password does not belong in it");
  }
  if (absl::StartsWith(authority, "[")) {
    ASSIGN_OR_RETURN(url->host, TakeIpv6(&authority));
  } else {
    const absl::string_view host = authority.substr(0, authority.find(':'));
    if (!IsHostName(host)) return Wrong("it has no host, or a wrong one");
    url->host = absl::AsciiStrToLower(host);
    authority.remove_prefix(host.size());
  }
  url->port = url->tls ? 443 : 80;
  if (authority.empty()) return absl::OkStatus();
  uint32_t port = 0;
  if (!absl::ConsumePrefix(&authority, ":") || authority.size() > 5 ||
      !std::all_of(authority.begin(), authority.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(authority, &port) || port == 0 || port > 65535) {
    return Wrong("its port is no number from 1 to 65535");
  }
  url->port = static_cast<uint16_t>(port);
  return absl::OkStatus();
}

}  // namespace

std::string WebhookUrl::Authority() const {
  const std::string name =
      absl::StrContains(host, ':') ? absl::StrCat("[", host, "]") : host;
  return port == (tls ? 443 : 80) ? name : absl::StrCat(name, ":", port);
}

std::string WebhookUrl::Redacted() const {
  return absl::StrCat(tls ? "https://" : "http://", Authority(),
                      path == "/" ? "/" : "/...");
}

absl::StatusOr<WebhookUrl> ParseWebhookUrl(absl::string_view text) {
  if (text.size() > kUrlBytesMax) return Wrong("it is over 2,048 bytes");
  for (const char c : text) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c)) || c == '\\') {
      return Wrong("it has a character that belongs in no URL");
    }
  }
  if (absl::StrContains(text, '#')) {
    return Wrong("a fragment does not belong in it");
  }
  WebhookUrl url;
  const size_t scheme_end = text.find("://");
  const std::string scheme = absl::AsciiStrToLower(
      text.substr(0, scheme_end == absl::string_view::npos ? 0 : scheme_end));
  if (scheme != "http" && scheme != "https") {
    return Wrong("it begins with neither http:// nor https://");
  }
  url.tls = scheme == "https";
  text.remove_prefix(scheme_end + 3);
  const size_t path_begin = std::min(text.find_first_of("/?"), text.size());
  RETURN_IF_ERROR(ReadAuthority(text.substr(0, path_begin), &url));
  url.path = std::string(text.substr(path_begin));
  if (!absl::StartsWith(url.path, "/")) url.path.insert(0, "/");
  return url;
}

}  // namespace chatgate
