#ifndef CHATGATE_WEBHOOK_SSE_SSE_STREAMS_H_
#define CHATGATE_WEBHOOK_SSE_SSE_STREAMS_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"
#include "server/event_log/event_log.h"
#include "server/hub/hub.h"
#include "server/subscription/authenticator.h"
#include "server/subscription/caller_places.h"
#include "webhook/rest/cross_origin.h"
#include "webhook/route_table.h"
#include "webhook/sse/sse_stream.h"

namespace chatgate {

// `GET /v1/stream`: Subscribe over HTTP, for browsers and shells, as
// server-sent events. The caller is the one of gRPC, by `Authorization: Bearer
// TOKEN`.
//
//   curl -N -H "Authorization: Bearer $TOKEN" http://HOST/v1/stream
//
// Metrics:  chatgate_sse_streams, how many are open.
// Threads:  handlers run on many.
// Lifetime: outlives the server that it was added to; log and hub outlive it.
class SseStreams {
 public:
  struct Options {
    std::vector<std::string> cors_origins = {};
    int streams_of_caller_max = 32;  // The next one is refused: 429.
    SseStreamOptions stream = {};
  };

  // `app_ids`: every app of the gateway.
  SseStreams(Authenticator authenticator, std::set<uint64_t> app_ids,
             EventLog& log, Hub& hub, const Options& options,
             prometheus::Registry& registry);

  void AddTo(RouteTable* routes);

 private:
  HttpResponse Open(const HttpRequest& request);
  // The stream that is asked for, if it may be.
  absl::StatusOr<LongAnswer> Answer(const HttpRequest& request);
  HttpResponse AnswerBrowser(const HttpRequest& request) const;

  const Authenticator authenticator_;
  const std::set<uint64_t> app_ids_;
  EventLog& log_;
  Hub& hub_;
  const SseStreamOptions stream_options_;
  const CrossOrigin cross_origin_;
  CallerPlaces places_;
  prometheus::Gauge& open_;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_SSE_SSE_STREAMS_H_
