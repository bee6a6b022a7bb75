#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/config/checks.h"
#include "server/config/read_file.h"
#include "server/outbox/address.h"
#include "server/outbox/webhook_url.h"

namespace chatgate {
namespace {

constexpr int64_t kRequestsPerMinuteDefault = 60;
constexpr int64_t kRequestsPerMinuteMax = 100'000;
constexpr int64_t kWaitingDefault = 1'000;
constexpr int64_t kWaitingMax = 100'000;
constexpr int64_t kConnectTimeoutMsDefault = 5'000;
constexpr int64_t kRequestTimeoutMsDefault = 20'000;
constexpr int64_t kTimeoutMsMax = 600'000;
constexpr int64_t kConnectionsDefault = 8;
constexpr int64_t kConnectionsMax = 64;
constexpr int64_t kResponseBytesDefault = 8 << 20;
constexpr int64_t kResponseBytesMax = 64 << 20;

// `value`, or the default for 0; complains about others than 1 to `most`.
int64_t InRange(const ConfigNode& node, absl::string_view name, int64_t value,
                int64_t by_default, int64_t most, Problems* problems) {
  if (value == 0) return by_default;
  if (value < 0 || value > most) {
    node.Complain(absl::StrCat(name, " is from 1 to ", most), problems);
  }
  return value;
}

bool IsLoopback(const WebhookUrl& url) {
  return url.host == "localhost" || url.host == "::1" ||
         (absl::StartsWith(url.host, "127.") &&
          SocketAddress::FromDigits(url.host, url.port).ok());
}

void CheckBaseUrl(const ConfigNode& node, const v1::WebApiConfig& web_api,
                  Problems* problems) {
  const ConfigNode place = node.Field("base_url");
  if (web_api.base_url().empty()) {
    place.Complain("base_url is required, such as https://api.dashly.app/v1",
                   problems);
    return;
  }
  const absl::StatusOr<WebhookUrl> url = ParseWebhookUrl(web_api.base_url());
  if (!url.ok()) {
    place.Complain(absl::StrCat("base_url: ", url.status().message()),
                   problems);
  } else if (absl::StrContains(url->path, '?')) {
    place.Complain("base_url: a query does not belong in it", problems);
  } else if (!url->tls && !web_api.insecure() && !IsLoopback(*url)) {
    place.Complain(
        "base_url: everyone on the way would read the token: use https://, or "
        "web_api { insecure: true }",
        problems);
  }
}

// The reserve of a small budget must leave something to the others.
void CheckRates(const ConfigNode& node, v1::WebApiConfig* web_api,
                Problems* problems) {
  const int64_t rate =
      InRange(node.Field("requests_per_minute"), "requests_per_minute",
              web_api->requests_per_minute(), kRequestsPerMinuteDefault,
              kRequestsPerMinuteMax, problems);
  web_api->set_requests_per_minute(static_cast<uint32_t>(rate));
  if (!web_api->has_reply_reserve()) {
    web_api->set_reply_reserve(
        static_cast<uint32_t>(std::min((rate + 9) / 10, rate - 1)));
  } else if (web_api->reply_reserve() >= rate) {
    node.Field("reply_reserve")
        .Complain("reply_reserve is less than requests_per_minute", problems);
  }
  web_api->set_waiting_max(static_cast<uint32_t>(
      InRange(node.Field("waiting_max"), "waiting_max", web_api->waiting_max(),
              kWaitingDefault, kWaitingMax, problems)));
}

}  // namespace

void CheckWebApi(const ConfigNode& node, SecretReader* secrets,
                 v1::WebApiConfig* web_api, Problems* problems) {
  CheckBaseUrl(node, *web_api, problems);
  CheckRates(node, web_api, problems);
  web_api->set_connect_timeout_ms(
      InRange(node.Field("connect_timeout_ms"), "connect_timeout_ms",
              web_api->connect_timeout_ms(), kConnectTimeoutMsDefault,
              kTimeoutMsMax, problems));
  web_api->set_request_timeout_ms(
      InRange(node.Field("request_timeout_ms"), "request_timeout_ms",
              web_api->request_timeout_ms(), kRequestTimeoutMsDefault,
              kTimeoutMsMax, problems));
  web_api->set_connections_max(static_cast<int32_t>(
      InRange(node.Field("connections_max"), "connections_max",
              web_api->connections_max(), kConnectionsDefault, kConnectionsMax,
              problems)));
  web_api->set_response_bytes_max(
      InRange(node.Field("response_bytes_max"), "response_bytes_max",
              web_api->response_bytes_max(), kResponseBytesDefault,
              kResponseBytesMax, problems));
  if (web_api->has_proxy()) {
    secrets->Resolve(node.Field("proxy"), web_api->mutable_proxy(), problems);
  }
  if (web_api->ca_file().empty()) return;
  web_api->set_ca_file(PathFrom(secrets->folder(), web_api->ca_file()));
  const absl::StatusOr<std::string> read = ReadConfigFile(web_api->ca_file());
  if (!read.ok()) {
    node.Field("ca_file").Complain(read.status().message(), problems);
  }
}

}  // namespace chatgate
