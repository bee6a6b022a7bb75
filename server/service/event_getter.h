#ifndef CHATGATE_SERVER_SERVICE_EVENT_GETTER_H_
#define CHATGATE_SERVER_SERVICE_EVENT_GETTER_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/event_log/event_log.h"
#include "server/subscription/event_filter.h"

namespace chatgate {

// The seq that `request` names by id or by cursor, never 0. INVALID_ARGUMENT,
// FAILED_PRECONDITION and OUT_OF_RANGE as with any cursor.
absl::StatusOr<uint64_t> SeqAskedFor(const EventLog& log,
                                     const v1::GetEventRequest& request);

// Reads one event. NOT_FOUND where it is gone, or `visible` does not let it
// through. It may touch the disk: never on a gRPC queue's thread.
absl::Status GetEvent(EventLog& log, const EventFilter& visible, uint64_t seq,
                      bool include_raw, v1::Event* event);

// The same, without `raw`, from memory; nothing where it is not there.
std::optional<absl::Status> GetRecentEvent(const EventLog& log,
                                           const EventFilter& visible,
                                           uint64_t seq, v1::Event* event);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_EVENT_GETTER_H_
