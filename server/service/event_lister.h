#ifndef CHATGATE_SERVER_SERVICE_EVENT_LISTER_H_
#define CHATGATE_SERVER_SERVICE_EVENT_LISTER_H_

#include "absl/status/status.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/event_log/event_log.h"
#include "server/subscription/event_filter.h"

namespace chatgate {

// Reads one page of events. It may touch the disk: never on a gRPC queue's
// thread.
absl::Status ListEvents(EventLog& log, const EventFilter& filter,
                        const v1::ListEventsRequest& request,
                        v1::ListEventsResponse* response);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_EVENT_LISTER_H_
