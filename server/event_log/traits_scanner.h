#ifndef CHATGATE_SERVER_EVENT_LOG_TRAITS_SCANNER_H_
#define CHATGATE_SERVER_EVENT_LOG_TRAITS_SCANNER_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "server/event_log/event_record.h"

namespace chatgate {

// TraitsOf the event in `stored`, without making a message of it: replay reads
// a million events for the few fields that filters ask for. Nothing where the
// bytes are no event by their framing: texts, and fields that no filter asks
// for, are passed over unread.
//
// Threads: any.
std::optional<EventTraits> ScanTraits(absl::string_view stored);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_TRAITS_SCANNER_H_
