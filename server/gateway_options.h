#ifndef CHATGATE_SERVER_GATEWAY_OPTIONS_H_
#define CHATGATE_SERVER_GATEWAY_OPTIONS_H_

#include <cstdint>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/config.pb.h"
#include "server/event_log/retention.h"
#include "server/outbox/outbox_target.h"
#include "server/service/grpc_server.h"
#include "server/subscription/authenticator.h"
#include "webhook/rest/rest_form.h"
#include "webhook/sse/sse_streams.h"

// What the rooms take, from what the configuration says.
namespace chatgate {

std::set<uint64_t> AppIdsOf(const v1::Config& config);
std::vector<Authenticator::Credential> CredentialsOf(const v1::Config& config);
std::vector<OutboxApp> OutboxAppsOf(const v1::Config& config);
// Infinite where streams last for ever.
absl::Duration StreamAgeMaxOf(const v1::EventsConfig& events);
RetentionOptions RetentionOptionsOf(const v1::EventsConfig& events);
// Reads the files of its TLS.
absl::StatusOr<GrpcServerOptions> GrpcOptionsOf(const v1::GrpcConfig& grpc);
// Of the embedded apps alone: another platform's token is no caller's here.
RestForm::Options RestOptionsOf(const v1::Config& config, Backend& platform);
SseStreams::Options SseOptionsOf(const v1::Config& config);
// Of so many places: where there are several callers none of them can take all.
int ShareOfCaller(const v1::Config& config, int places);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_GATEWAY_OPTIONS_H_
