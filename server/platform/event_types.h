#ifndef CHATGATE_SERVER_PLATFORM_EVENT_TYPES_H_
#define CHATGATE_SERVER_PLATFORM_EVENT_TYPES_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chatgate/v1/resources.pb.h"
#include "server/platform/context.h"

// Kinds of events, one for each name that an app has used, and how often each
// happened to a lead.
namespace chatgate::platform {

struct EventTypeRow {
  int64_t row = 0;
  v1::EventType type;
};

absl::StatusOr<std::optional<EventTypeRow>> FindEventType(
    const ReadContext& context, absl::string_view name);

// ValidationError when the app has too many names already.
absl::StatusOr<EventTypeRow> FindOrCreateEventType(WriteContext& context,
                                                   absl::string_view name);

// The same with the id that the name has elsewhere; 0 for none. A name that is
// known keeps its own.
absl::StatusOr<EventTypeRow> FindOrAddEventType(WriteContext& context,
                                                absl::string_view name,
                                                uint64_t id);

// Stores what a lead did, and counts it.
absl::Status StoreUserEvent(WriteContext& context, int64_t user, int64_t type,
                            const v1::UserEvent& event);

absl::StatusOr<v1::EventType> ReadEventType(const ReadContext& context,
                                            int64_t row);

absl::StatusOr<std::vector<v1::UserEventCount>> ReadEventCounts(
    const ReadContext& context, int64_t user);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_EVENT_TYPES_H_
