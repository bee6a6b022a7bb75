#ifndef CHATGATE_SERVER_SUBSCRIPTION_START_POSITION_H_
#define CHATGATE_SERVER_SUBSCRIPTION_START_POSITION_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/event_log/cursor.h"
#include "server/event_log/event_log.h"

namespace chatgate {

// The position that a cursor of this log means. `field` is the request's field
// that holds it, for the errors: INVALID_ARGUMENT, FAILED_PRECONDITION (another
// log), OUT_OF_RANGE (ahead of this one).
absl::StatusOr<uint64_t> PositionOfCursor(const EventLog& log,
                                          absl::string_view field,
                                          absl::string_view cursor);

// Likewise of a place in a log, however the client named it.
absl::StatusOr<uint64_t> PositionIn(const EventLog& log,
                                    absl::string_view field,
                                    const Cursor& place);

// Where a stream begins; nothing where `start_time` or a snapshot says it,
// which takes a look at the disk. Checks everything in the request but the
// filter.
absl::StatusOr<std::optional<uint64_t>> StartPosition(
    const EventLog& log, const v1::SubscribeRequest& request);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SUBSCRIPTION_START_POSITION_H_
