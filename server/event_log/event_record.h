#ifndef CHATGATE_SERVER_EVENT_LOG_EVENT_RECORD_H_
#define CHATGATE_SERVER_EVENT_LOG_EVENT_RECORD_H_

#include <cstdint>
#include <string>

#include "chatgate/v1/events.pb.h"
#include "server/event_log/shared_bytes.h"

namespace chatgate {

// The properties of an event that filters ask for.
struct EventTraits {
  uint64_t app_id = 0;
  v1::EventKind kind = v1::EVENT_KIND_UNSPECIFIED;
  std::string conversation;
  std::string user_id;    // Lead or visitor; may be empty.
  std::string direction;  // Empty for kinds that have none.
  std::string part_type;  // Empty for kinds that have none.
};

EventTraits TraitsOf(const v1::Event& event);

// An event of the log, serialised once for all who read it. Immutable.
struct EventRecord {
  uint64_t seq = 0;
  EventTraits traits;
  // One element of `repeated Event events = 1` with its tag and length, so that
  // responses are put together without parsing. Without `raw`. Events that were
  // written together stand one behind the other in memory.
  SharedBytes slice;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_EVENT_RECORD_H_
