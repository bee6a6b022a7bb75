#ifndef CHATGATE_SERVER_WEB_API_WEB_API_BACKEND_H_
#define CHATGATE_SERVER_WEB_API_WEB_API_BACKEND_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/backend/backend.h"
#include "server/base/clock.h"
#include "server/budget/budget.h"
#include "server/store/store.h"
#include "server/web_api/circuit_breaker.h"
#include "server/web_api/echo_watch.h"
#include "server/web_api/request_sender.h"
#include "server/web_api/timer.h"
#include "server/web_api/transport.h"

namespace chatgate {

struct WebApiBackendOptions {
  uint64_t app_id = 0;
  RequestSenderOptions sender;
  CircuitBreakerOptions breaker;
  // After a lost answer, until it is looked for: what was on its way arrives,
  // and the webhook that tells of it.
  absl::Duration settle = absl::Seconds(1);
  // After this time nothing that was sent takes effect any more.
  absl::Duration late_effect_max = absl::Seconds(40);
};

// What a backend works with. All outlive it and the calls that it has begun.
struct WebApiRooms {
  Transport& transport;
  Budget& budget;
  Timer& timer;
  Store& store;  // With RequestMemorySchema.
  EchoWatch& echoes;
  const Clock& clock;
  const Clock& steady;  // Never set (SteadyClock).
};

// One app on a platform that speaks the Web API: the twenty methods, each one
// request, or as many as the budget and the deadline allow.
//
// Once:       a change that carries a `request_id` is sent at most once without
//             knowing that the time before had no effect; repeated within 24
//             hours it gets the first answer, also after a restart. The methods
//             that make messages carry a `random_id` made of it: a lost answer
//             is looked for among the newest parts, or comes as an echo in a
//             webhook. What cannot be known is AMBIGUOUS, never sent again.
// Threads:    as Backend says.
// Errors:     the platform's; RESOURCE_EXHAUSTED of the budget; PLATFORM_DOWN,
//             KEY_REFUSED, UNAVAILABLE, AMBIGUOUS; see docs/errors.md.
// Lifetime:   Close, or the destructor, answers every call that is left.
class WebApiBackend final : public Backend {
 public:
  static absl::StatusOr<std::unique_ptr<WebApiBackend>> Create(
      const WebApiRooms& rooms, const WebApiBackendOptions& options);
  ~WebApiBackend() override;

  void Call(const CallContext& context,
            const google::protobuf::Message& request,
            google::protobuf::Message* response, Done done) override;

  // OK, or why calls are refused: the platform is down, or refuses the key.
  absl::Status Health() const;

  // Refuses new calls, gives those that run `grace`, and answers those that are
  // left with STOPPING.
  void Close(absl::Duration grace = absl::ZeroDuration());

 private:
  class Core;
  explicit WebApiBackend(std::shared_ptr<Core> core);

  const std::shared_ptr<Core> core_;  // Shared with calls under way.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_WEB_API_BACKEND_H_
