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

absl::StatusOr<v1::EventType> ReadEventType(const ReadContext& context,
                                            int64_t row);

absl::StatusOr<std::vector<v1::UserEventCount>> ReadEventCounts(
    const ReadContext& context, int64_t user);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_EVENT_TYPES_H_
