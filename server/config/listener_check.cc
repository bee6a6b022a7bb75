#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/config/checks.h"
#include "server/config/listen_address.h"
#include "server/config/read_file.h"

namespace chatgate {
namespace {

constexpr int64_t kConnectionsDefault = 256;
constexpr int64_t kConnectionsMax = 4096;
constexpr int64_t kBodyBytesDefault = int64_t{1} << 20;
constexpr int64_t kBodyBytesMax = int64_t{3} << 20;
constexpr int64_t kRequestTimeoutMsDefault = 10'000;
constexpr int64_t kRequestTimeoutMsMax = 600'000;

// `open_by`: what the configuration must say to leave loopback; empty when it
// does.
void CheckListen(const ConfigNode& node, const std::string& listen,
                 absl::string_view open_by, Problems* problems) {
  const absl::StatusOr<ListenAddress> address = ListenAddress::Parse(listen);
  if (!address.ok()) {
    node.Complain(address.status().message(), problems);
  } else if (!open_by.empty() && !address->IsLoopback()) {
    node.Complain(
        absl::StrCat("`", listen, "` is not loopback: that needs ", open_by),
        problems);
  }
}

// The value, its default for 0.
int64_t InRange(const ConfigNode& node, int64_t value, int64_t otherwise,
                int64_t max, Problems* problems) {
  if (value == 0) return otherwise;
  if (value < 0 || value > max) {
    node.Complain(absl::StrCat(value, " is not from 1 to ", max), problems);
  }
  return value;
}

void CheckPem(const ConfigNode& node, absl::string_view folder,
              std::string* path, Problems* problems) {
  if (path->empty()) {
    node.Complain("tls needs cert_file and key_file", problems);
    return;
  }
  *path = PathFrom(folder, *path);
  if (const auto content = ReadConfigFile(*path); !content.ok()) {
    node.Complain(content.status().message(), problems);
  }
}

void CheckGrpc(const ConfigNode& node, absl::string_view folder,
               v1::GrpcConfig* grpc, Problems* problems) {
  if (grpc->listen().empty()) grpc->set_listen("127.0.0.1:50051");
  CheckListen(node.Field("listen"), grpc->listen(),
              grpc->has_tls() || grpc->insecure()
                  ? ""
                  : "grpc { tls {...} } or grpc { insecure: true }",
              problems);
  if (!grpc->has_tls()) return;
  const ConfigNode tls = node.Field("tls");
  CheckPem(tls.Field("cert_file"), folder,
           grpc->mutable_tls()->mutable_cert_file(), problems);
  CheckPem(tls.Field("key_file"), folder,
           grpc->mutable_tls()->mutable_key_file(), problems);
  if (!grpc->tls().client_ca_file().empty()) {
    CheckPem(tls.Field("client_ca_file"), folder,
             grpc->mutable_tls()->mutable_client_ca_file(), problems);
  }
}

// An origin as browsers send it: a scheme, a host, a port that is not the
// scheme's own, all in lower case. Anything else would never match.
bool IsOrigin(absl::string_view text) {
  if (text == "*") return true;
  const size_t scheme_end = text.find("://");
  if (scheme_end == absl::string_view::npos || scheme_end == 0) return false;
  const absl::string_view scheme = text.substr(0, scheme_end);
  const absl::string_view host = text.substr(scheme_end + 3);
  if ((scheme == "https" && absl::EndsWith(host, ":443")) ||
      (scheme == "http" && absl::EndsWith(host, ":80")) ||
      absl::AsciiStrToLower(text) != text) {
    return false;
  }
  return !host.empty() &&
         host.find_first_of("/?#@ *") == absl::string_view::npos;
}

void CheckHttp(const ConfigNode& node, v1::HttpConfig* http,
               Problems* problems) {
  if (http->listen().empty()) http->set_listen("127.0.0.1:8080");
  CheckListen(node.Field("listen"), http->listen(),
              http->insecure() ? "" : "http { insecure: true }", problems);
  http->set_connections_max(static_cast<int32_t>(
      InRange(node.Field("connections_max"), http->connections_max(),
              kConnectionsDefault, kConnectionsMax, problems)));
  http->set_body_bytes_max(InRange(node.Field("body_bytes_max"),
                                   http->body_bytes_max(), kBodyBytesDefault,
                                   kBodyBytesMax, problems));
  http->set_request_timeout_ms(
      InRange(node.Field("request_timeout_ms"), http->request_timeout_ms(),
              kRequestTimeoutMsDefault, kRequestTimeoutMsMax, problems));
  for (int i = 0; i < http->cors_origins_size(); ++i) {
    if (!IsOrigin(http->cors_origins(i))) {
      node.Field("cors_origins", i)
          .Complain(absl::StrCat("`", http->cors_origins(i),
                                 "` is no origin, such as "
                                 "`https://panel.example`"),
                    problems);
    }
  }
}

}  // namespace

void CheckListeners(const ConfigNode& node, absl::string_view folder,
                    v1::Config* config, Problems* problems) {
  CheckGrpc(node.Field("grpc"), folder, config->mutable_grpc(), problems);
  CheckHttp(node.Field("http"), config->mutable_http(), problems);
  if (config->data_dir().empty()) config->set_data_dir("data");
}

}  // namespace chatgate
