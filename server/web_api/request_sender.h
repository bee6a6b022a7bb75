#ifndef CHATGATE_SERVER_WEB_API_REQUEST_SENDER_H_
#define CHATGATE_SERVER_WEB_API_REQUEST_SENDER_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "server/base/clock.h"
#include "server/budget/budget.h"
#include "server/rest_codec/request_writer.h"
#include "server/rest_codec/rest_method.h"
#include "server/web_api/circuit_breaker.h"
#include "server/web_api/gate.h"
#include "server/web_api/platform_clock.h"
#include "server/web_api/timer.h"
#include "server/web_api/transport.h"

namespace chatgate {

struct RequestSenderOptions {
  int attempts_max = 3;   // Of one call.
  int too_many_max = 10;  // Answers 429 that one call waits after.
  absl::Duration backoff_min = absl::Milliseconds(200);
  absl::Duration request_max = absl::Seconds(20);
};

// One call, ready to be sent.
struct Sending {
  const RestMethod* method = nullptr;  // Outlives the sending.
  RestCall call;
  BudgetAsk ask;
  bool resend_is_safe = false;
  // Run before each attempt, with a slot in hand; it calls back, from any
  // thread, with OK to send or why not. May be null.
  std::function<void(std::function<void(absl::Status)>)> before_send;
};

// What became of it.
struct SendResult {
  enum Effect {
    kNone,     // The platform did nothing.
    kDone,     // It did what was asked.
    kUnknown,  // It may have.
  };
  absl::Status status;
  Effect effect = kNone;
  bool may_be_late = false;  // kUnknown: it may still be at it.
  std::unique_ptr<google::protobuf::Message> response;  // Of OK.
  int cost = 0;           // Slots that were spent.
  absl::Duration queued;  // Waited for slots.
};

// RequestSender sends a call to the platform, one budget slot an attempt, and
// again where that is safe: where nothing was sent, after a 429, and where
// `resend_is_safe` also after a lost answer or a server error; with backoff,
// inside the deadline.
//
// Threads: any; nothing blocks. `done` comes once, from another thread, or at
//          once for what is refused at once.
// Errors:  the platform's own; those of the budget and of the breaker;
//          UNAVAILABLE: the platform cannot be reached; STOPPING.
// Lifetime: what it refers to outlives everything under way.
class RequestSender {
 public:
  using Done = std::function<void(SendResult)>;

  // Behind `gate`: once it is closed, transport, budget and timer are not
  // touched any more.
  RequestSender(Transport& transport, Budget& budget, CircuitBreaker& breaker,
                Timer& timer, const Clock& clock, PlatformClock& platform_clock,
                Gate& gate, const RequestSenderOptions& options)
      : transport_(transport),
        budget_(budget),
        breaker_(breaker),
        timer_(timer),
        clock_(clock),
        platform_clock_(platform_clock),
        gate_(gate),
        options_(options) {}

  void Send(Sending sending, Done done);

 private:
  class Attempts;

  Transport& transport_;
  Budget& budget_;
  CircuitBreaker& breaker_;
  Timer& timer_;
  const Clock& clock_;
  PlatformClock& platform_clock_;  // Is told what answers say.
  Gate& gate_;
  const RequestSenderOptions options_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_REQUEST_SENDER_H_
