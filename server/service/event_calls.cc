#include "server/service/event_calls.h"

#include <optional>
#include <utility>

#include "server/backend/error_table.h"
#include "server/base/status_macros.h"
#include "server/base/steady_clock.h"
#include "server/rpc/rpc_bytes.h"
#include "server/service/chat_service.h"
#include "server/service/errors.h"
#include "server/service/event_getter.h"
#include "server/service/event_lister.h"
#include "server/subscription/start_position.h"

namespace chatgate {

EventCalls::EventCalls(std::set<uint64_t> app_ids, EventLog& log, Hub& hub,
                       const Clock& clock, const ChatServiceOptions& options)
    : app_ids_(std::move(app_ids)),
      hub_(hub),
      reads_max_(options.lists_max),
      registry_(options.streams_max, options.streams_of_caller_max),
      // Every stream and every list has at most one task.
      readers_(options.reader_threads,
               static_cast<size_t>(options.streams_max + options.lists_max)),
      snapshot_slots_(SnapshotSlots::Create(
          {.slots_max = options.snapshots_max,
           .of_caller_max = options.snapshots_of_caller_max,
           .stall_max = options.snapshot_stall_max},
          hub, SteadyClock::System())),
      world_{.log = log,
             .readers = readers_,
             .snapshots = options.snapshots,
             .snapshot_taker = snapshot_slots_->taker(),
             .registry = registry_,
             .clock = clock,
             .heartbeat_interval = options.heartbeat_interval,
             .stream_age_max = options.stream_age_max,
             .batch_events_max = options.batch_events_max,
             .stored_events_max = options.stored_events_max} {}

absl::Status EventCalls::Subscribe(const Caller& caller, ServerStream& stream) {
  RETURN_IF_ERROR(CheckRole(caller, v1::READER));
  v1::SubscribeRequest request;
  if (!ParseByteBuffer(stream.request(), &request)) {
    return MakeError("BadRequest", WhyUnreadable(*request.GetDescriptor()));
  }
  ASSIGN_OR_RETURN(EventFilter filter,
                   EventFilter::Compile(request.filter(), caller, app_ids_));
  ASSIGN_OR_RETURN(const std::optional<uint64_t> position,
                   StartPosition(world_.log, request));
  std::shared_ptr<SnapshotReading> snapshot;
  if (request.snapshot()) {
    ASSIGN_OR_RETURN(snapshot, TakeSnapshotSlot(caller, filter));
  }
  RETURN_IF_ERROR(registry_.Add(caller.name));
  SubscribeStream::Start(world_, PlaceOn(stream.queue()), stream, caller.name,
                         std::move(filter), request, position,
                         std::move(snapshot));
  return absl::OkStatus();
}

StreamPlace& EventCalls::PlaceOn(RpcQueue& queue) {
  MutexLock lock(places_mu_);
  std::unique_ptr<StreamPlace>& place = places_[&queue];
  if (place == nullptr) place = std::make_unique<StreamPlace>(hub_, queue);
  return *place;
}

absl::StatusOr<std::shared_ptr<SnapshotReading>> EventCalls::TakeSnapshotSlot(
    const Caller& caller, const EventFilter& filter) {
  if (world_.snapshots == nullptr ||
      !world_.snapshots->HasSnapshot(filter.app_ids())) {
    return ServiceError(Reason::kMethodNotServed,
                        "only apps of the embedded platform have snapshots");
  }
  return snapshot_slots_->Take(caller.name);
}

void EventCalls::List(const Caller& caller,
                      const v1::ListEventsRequest& request,
                      v1::ListEventsResponse* response, const Done& done) {
  if (absl::Status role = CheckRole(caller, v1::READER); !role.ok()) {
    return done(role);
  }
  absl::StatusOr<EventFilter> filter =
      EventFilter::Compile(request.filter(), caller, app_ids_);
  if (!filter.ok()) return done(filter.status());
  Read(
      [this, &request, response, filter = *std::move(filter)] {
        return ListEvents(world_.log, filter, request, response);
      },
      done);
}

void EventCalls::Get(const Caller& caller, const v1::GetEventRequest& request,
                     v1::GetEventResponse* response, const Done& done) {
  if (absl::Status role = CheckRole(caller, v1::READER); !role.ok()) {
    return done(role);
  }
  absl::StatusOr<EventFilter> visible =
      EventFilter::Compile(v1::EventFilter(), caller, app_ids_);
  if (!visible.ok()) return done(visible.status());
  const absl::StatusOr<uint64_t> seq = SeqAskedFor(world_.log, request);
  if (!seq.ok()) return done(seq.status());
  if (!request.include_raw()) {
    const std::optional<absl::Status> found =
        GetRecentEvent(world_.log, *visible, *seq, response->mutable_event());
    if (found.has_value()) return done(*found);
  }
  Read(
      [this, seq = *seq, &request, response, visible = *std::move(visible)] {
        return GetEvent(world_.log, visible, seq, request.include_raw(),
                        response->mutable_event());
      },
      done);
}

bool EventCalls::Stop(absl::Duration timeout) {
  registry_.Stop();
  hub_.Close();
  return registry_.WaitUntilEmpty(timeout);
}

void EventCalls::Read(std::function<absl::Status()> reading, const Done& done) {
  if (reads_.fetch_add(1) < reads_max_ &&
      readers_.Submit(
          [this, reading = std::move(reading), done] {
            const absl::Status status = reading();
            reads_.fetch_sub(1);
            done(status);
          },
          ReaderPool::Turn::kFirst)) {
    return;
  }
  reads_.fetch_sub(1);
  done(ServiceError(Reason::kOverloaded, "too many events are read"));
}

}  // namespace chatgate
