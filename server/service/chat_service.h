#ifndef CHATGATE_SERVER_SERVICE_CHAT_SERVICE_H_
#define CHATGATE_SERVER_SERVICE_CHAT_SERVICE_H_

#include <cstdint>
#include <map>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/backend/backend.h"
#include "server/backend/snapshot_source.h"
#include "server/base/clock.h"
#include "server/event_log/event_log.h"
#include "server/hub/hub.h"
#include "server/subscription/authenticator.h"

namespace chatgate {

class RpcService;

struct ChatServiceOptions {
  int streams_max = 10'000;           // The next one is refused.
  int streams_of_caller_max = 5'000;  // Likewise.
  int lists_max = 256;  // ListEvents and GetEvent; the next one is refused.
  absl::Duration heartbeat_interval = absl::Seconds(10);
  // A stream this old ends, give or take a tenth.
  absl::Duration stream_age_max = absl::InfiniteDuration();
  absl::Duration call_time_max =
      absl::Seconds(60);           // Of calls without deadline.
  size_t batch_events_max = 128;   // In one response,
  size_t stored_events_max = 512;  // and in one of old events.
  int reader_threads = 2;          // For events on disk.
  // Takes snapshots; null where no app has any. Outlives the service.
  SnapshotSource* snapshots = nullptr;
  int snapshots_max = 16;           // Taken or read; the next one is refused.
  int snapshots_of_caller_max = 4;  // Likewise.
  // A reader that takes nothing for so long loses its snapshot.
  absl::Duration snapshot_stall_max = absl::Minutes(5);
};

// ChatService is the gRPC surface: it authenticates, chooses the app, forwards
// to the app's backend, and streams the log.
//
// Threads:  no call holds a thread while it waits.
// Lifetime: the server that it is given to ends first. After Stop every
//           stream has ended or waits for a client that does not read; the
//           server's shutdown ends those.
class ChatService {
 public:
  // `backends`: by app id. All outlive the service.
  // INTERNAL: the options in the proto are wrong.
  static absl::StatusOr<std::unique_ptr<ChatService>> Create(
      Authenticator authenticator, std::map<uint64_t, Backend*> backends,
      EventLog& log, Hub& hub, const Clock& clock,
      const ChatServiceOptions& options = {});

  virtual ~ChatService() = default;

  // What to give to a server.
  virtual const RpcService& service() const = 0;

  // Closes the hub, ends every stream with a Reconnect and refuses new ones.
  // False when after `timeout` some client still has not read its last message.
  virtual bool Stop(absl::Duration timeout) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_CHAT_SERVICE_H_
