#ifndef CHATGATE_SERVER_SERVICE_EVENT_CALLS_H_
#define CHATGATE_SERVER_SERVICE_EVENT_CALLS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/base/mutex.h"
#include "server/service/reader_pool.h"
#include "server/service/snapshot_slots.h"
#include "server/service/stream_place.h"
#include "server/service/stream_registry.h"
#include "server/service/subscribe_stream.h"
#include "server/subscription/authenticator.h"

namespace chatgate {

struct ChatServiceOptions;

// EventCalls are the calls of ChatService that read the log: Subscribe,
// ListEvents and GetEvent, for a caller that is authenticated already.
//
// Threads:  any. What may touch the disk runs on reading threads of its own.
// Lifetime: the requests and responses live until their Done; every stream has
//           ended before this does.
class EventCalls {
 public:
  // Called once, on any thread.
  using Done = std::function<void(const absl::Status&)>;

  // `app_ids`: every app of the gateway. The others outlive this.
  EventCalls(std::set<uint64_t> app_ids, EventLog& log, Hub& hub,
             const Clock& clock, const ChatServiceOptions& options);

  // OK: the stream has begun, and ends by itself.
  absl::Status Subscribe(const Caller& caller, ServerStream& stream);
  void List(const Caller& caller, const v1::ListEventsRequest& request,
            v1::ListEventsResponse* response, const Done& done);
  void Get(const Caller& caller, const v1::GetEventRequest& request,
           v1::GetEventResponse* response, const Done& done);

  // See ChatService.
  bool Stop(absl::Duration timeout);

 private:
  // Runs `reading` on a reading thread, then `done`; RESOURCE_EXHAUSTED where
  // too many wait.
  void Read(std::function<absl::Status()> reading, const Done& done);
  StreamPlace& PlaceOn(RpcQueue& queue) ABSL_LOCKS_EXCLUDED(places_mu_);
  absl::StatusOr<std::shared_ptr<SnapshotReading>> TakeSnapshotSlot(
      const Caller& caller, const EventFilter& filter);

  const std::set<uint64_t> app_ids_;
  Hub& hub_;
  const int reads_max_;
  std::atomic<int> reads_ = 0;
  StreamRegistry registry_;
  ReaderPool readers_;
  const std::shared_ptr<SnapshotSlots> snapshot_slots_;
  const StreamWorld world_;

  Mutex places_mu_;
  std::map<RpcQueue*, std::unique_ptr<StreamPlace>> places_
      ABSL_GUARDED_BY(places_mu_);
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_EVENT_CALLS_H_
