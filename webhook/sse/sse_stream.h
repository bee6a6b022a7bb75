#ifndef CHATGATE_WEBHOOK_SSE_SSE_STREAM_H_
#define CHATGATE_WEBHOOK_SSE_SSE_STREAM_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/event_log/event_log.h"
#include "server/hub/hub.h"
#include "server/subscription/event_filter.h"
#include "webhook/byte_stream.h"

namespace chatgate {

struct SseStreamOptions {
  absl::Duration heartbeat_interval = absl::Seconds(10);
  // A stream this old ends, give or take a tenth.
  absl::Duration age_max = absl::InfiniteDuration();
  // How long a reader may take for 16 KiB.
  absl::Duration write_time_max = absl::Seconds(30);
};

// SseStream is one stream of events over HTTP: a position and a filter, served
// by the thread that runs it. As a gRPC stream it pulls: a reader that is slow
// costs one batch of memory, and one that stops is cut off.
//
// A reader that has closed its side is found with the next event or heartbeat.
//
// Threads: one. Lifetime: log and hub outlive it.
class SseStream {
 public:
  SseStream(EventLog& log, Hub& hub, EventFilter filter, bool include_raw,
            uint64_t position, const SseStreamOptions& options);

  // Writes until the stream has to end or the reader is gone.
  void Run(ByteStream& stream);

 private:
  // What comes next; each moves the position over what it tells.
  absl::StatusOr<std::string> NextRecords();
  absl::Status AppendEvent(const EventRecord& record, std::string* text);
  std::string Heartbeat() const;
  std::string CursorAt(uint64_t seq) const;
  // False when the reader is gone.
  bool Write(ByteStream& stream, const std::string& text);
  // Waits for an event, or until the stream has to speak.
  Hub::Wake Wait();
  absl::Duration Age() const;
  absl::Duration UntilHeartbeat() const;

  EventLog& log_;
  Hub& hub_;
  const EventFilter filter_;
  const bool include_raw_;
  const SseStreamOptions options_;
  const std::chrono::steady_clock::time_point begin_;
  const absl::Duration age_max_;
  uint64_t position_;
  std::chrono::steady_clock::time_point last_write_;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_SSE_SSE_STREAM_H_
