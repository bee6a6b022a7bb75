#include "server/gateway_options.h"

#include <algorithm>
#include <string>

#include "server/base/status_macros.h"
#include "server/config/listen_address.h"
#include "server/config/read_file.h"

namespace chatgate {
namespace {

bool IsLoopback(const std::string& listen) {
  const absl::StatusOr<ListenAddress> address = ListenAddress::Parse(listen);
  return address.ok() && address->IsLoopback();
}

}  // namespace

std::set<uint64_t> AppIdsOf(const v1::Config& config) {
  std::set<uint64_t> app_ids;
  for (const v1::AppConfig& app : config.apps()) app_ids.insert(app.id());
  return app_ids;
}

std::vector<Authenticator::Credential> CredentialsOf(const v1::Config& config) {
  std::vector<Authenticator::Credential> credentials;
  for (const v1::CallerConfig& caller : config.callers()) {
    credentials.push_back({{caller.name(),
                            caller.role(),
                            {caller.app_ids().begin(), caller.app_ids().end()}},
                           caller.token().value()});
  }
  return credentials;
}

std::vector<OutboxApp> OutboxAppsOf(const v1::Config& config) {
  std::vector<OutboxApp> apps;
  for (const v1::AppConfig& app : config.apps()) {
    const auto& webhooks = app.embedded().webhooks();
    apps.push_back({app.id(),
                    app.webhook_token().value(),
                    {webhooks.begin(), webhooks.end()}});
  }
  return apps;
}

absl::Duration StreamAgeMaxOf(const v1::EventsConfig& events) {
  return events.stream_age_s_max() > 0
             ? absl::Seconds(events.stream_age_s_max())
             : absl::InfiniteDuration();
}

RetentionOptions RetentionOptionsOf(const v1::EventsConfig& events) {
  RetentionOptions options;
  if (events.age_hours_max() > 0) {
    options.age_max = absl::Hours(events.age_hours_max());
  }
  options.bytes_max = static_cast<uint64_t>(events.bytes_max());
  return options;
}

absl::StatusOr<GrpcServerOptions> GrpcOptionsOf(const v1::GrpcConfig& grpc) {
  GrpcServerOptions options;
  options.listen = grpc.listen();
  options.reflection = grpc.reflection() || IsLoopback(options.listen);
  if (!grpc.has_tls()) return options;
  const v1::TlsConfig& tls = grpc.tls();
  TlsKeys& keys = options.tls.emplace();
  ASSIGN_OR_RETURN(keys.cert_chain, ReadConfigFile(tls.cert_file()));
  ASSIGN_OR_RETURN(keys.private_key, ReadConfigFile(tls.key_file()));
  if (!tls.client_ca_file().empty()) {
    ASSIGN_OR_RETURN(keys.client_ca, ReadConfigFile(tls.client_ca_file()));
    // It would ask no client for a certificate.
    if (keys.client_ca.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "grpc.tls.client_ca_file: ", tls.client_ca_file(), " is empty"));
    }
  }
  return options;
}

RestForm::Options RestOptionsOf(const v1::Config& config, Backend& platform) {
  RestForm::Options options;
  for (const v1::AppConfig& app : config.apps()) {
    if (!app.has_embedded()) continue;
    RestApp& rest = options.apps.emplace_back();
    rest.app_id = app.id();
    rest.token = app.api_token().value();
    rest.backend = &platform;
    if (app.embedded().has_requests_per_minute()) {
      rest.requests_per_minute = app.embedded().requests_per_minute();
    }
  }
  options.cors_origins = {config.http().cors_origins().begin(),
                          config.http().cors_origins().end()};
  return options;
}

SseStreams::Options SseOptionsOf(const v1::Config& config) {
  SseStreams::Options options;
  options.cors_origins = {config.http().cors_origins().begin(),
                          config.http().cors_origins().end()};
  options.stream.age_max = StreamAgeMaxOf(config.events());
  options.streams_of_caller_max =
      ShareOfCaller(config, config.http().streams_max());
  return options;
}

int ShareOfCaller(const v1::Config& config, int places) {
  return config.callers_size() > 1 ? std::max(1, places / 2) : places;
}

}  // namespace chatgate
