#ifndef CHATGATE_SERVER_WEB_API_TRANSPORT_H_
#define CHATGATE_SERVER_WEB_API_TRANSPORT_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/rest_codec/request_writer.h"

namespace chatgate {

// A request on its way to the platform. The token is the transport's own
// affair: nobody else holds it.
struct TransportRequest {
  RestCall call;
  absl::Time deadline = absl::InfiniteFuture();
};

// What became of a request.
struct TransportAnswer {
  // OK: the platform answered, whatever it said. Else why there is no whole
  // answer; says nothing of the request.
  absl::Status status;
  // Not OK: a byte of the request may have reached the platform, which may act
  // on it. False is a proof.
  bool maybe_sent = false;

  int http_status = 0;
  std::optional<absl::Duration> retry_after;  // What the platform said, if so.
  std::optional<absl::Time> date;  // By the platform's clock, if it said so.
  std::string body;                // Unzipped; never has the token.
};

// Transport sends requests of one app to its platform.
//
// Threads: any. Send never blocks; `done` is called exactly once, from another
//          thread or, for a request refused at once, from the calling one, and
//          must not block.
// Errors:  DEADLINE_EXCEEDED, UNAVAILABLE; RESOURCE_EXHAUSTED: too many wait,
// or
//          the answer is too long; CANCELLED after Close.
class Transport {
 public:
  using Done = std::function<void(TransportAnswer)>;

  virtual ~Transport() = default;
  virtual void Send(TransportRequest request, Done done) = 0;
  // Ends what is under way, and refuses what comes later.
  virtual void Close() = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_TRANSPORT_H_
