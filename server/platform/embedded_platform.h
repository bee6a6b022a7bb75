#ifndef CHATGATE_SERVER_PLATFORM_EMBEDDED_PLATFORM_H_
#define CHATGATE_SERVER_PLATFORM_EMBEDDED_PLATFORM_H_

#include <memory>
#include <vector>

#include "chatgate/v1/config.pb.h"
#include "server/backend/backend.h"
#include "server/base/clock.h"
#include "server/event_log/event_log.h"
#include "server/platform/context.h"
#include "server/store/store.h"

namespace chatgate {

// A whole small chat platform inside the gateway: the twenty methods on the
// tables of PlatformSchema, for every configured app that has `embedded`.
//
//   EmbeddedPlatform platform(store, log, Clock::System(), config.apps());
//   platform.Call(context, request, &response, done);
//
// Durability: a change is answered OK only once it is on stable storage, and so
//             are the events it made: they are one transaction.
// Ordering:   changes happen one after the other, in the order of Call; a read
//             sees everything that was answered before it began.
// Once:       a change with a `request_id` happens once; one that says
//             `validate_only` not at all.
// Threads:    Call and OnAppend as their interfaces say. `done` runs on the
//             writer's thread after a change, on a reading one after a read, on
//             the calling one where the answer was known.
// Errors:     METHOD_NOT_SERVED for a method that is not in the table;
//             PermissionDeniedError for an app that is not embedded.
// Lifetime:   calls under way outlive the platform, not `store` and `log`.
class EmbeddedPlatform final : public Backend, public AppendParticipant {
 public:
  EmbeddedPlatform(Store& store, EventLog& log, const Clock& clock,
                   const std::vector<v1::AppConfig>& apps,
                   const PlatformLimits& limits = {});
  ~EmbeddedPlatform() override;

  void Call(const CallContext& context,
            const google::protobuf::Message& request,
            google::protobuf::Message* response, Done done) override;

  // Adopts what a Dashly webhook tells about a conversation of an embedded app.
  absl::Status OnAppend(Transaction& transaction,
                        const v1::Event& event) override;

 private:
  struct Core;
  const std::shared_ptr<const Core> core_;  // Shared with calls under way.
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_PLATFORM_EMBEDDED_PLATFORM_H_
