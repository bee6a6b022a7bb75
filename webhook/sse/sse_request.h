#ifndef CHATGATE_WEBHOOK_SSE_SSE_REQUEST_H_
#define CHATGATE_WEBHOOK_SSE_SSE_REQUEST_H_

#include "absl/status/statusor.h"
#include "chatgate/v1/chat_service.pb.h"
#include "webhook/http_message.h"

namespace chatgate {

// What a `GET /v1/stream` asks for: `cursor`, `start` (`latest`, `earliest`),
// `start_time` (RFC 3339), `include_raw`, and the fields of EventFilter, each
// as often as needed or with commas; `kinds` by the names of payloads. The
// header `Last-Event-ID`, which browsers send when they come again, stands
// before any start. INVALID_ARGUMENT: names the argument.
absl::StatusOr<v1::SubscribeRequest> ReadSseRequest(const HttpRequest& request);

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_SSE_SSE_REQUEST_H_
