#include "webhook/sse/sse_stream.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/event_log/cursor.h"
#include "server/event_log/event_draft.h"
#include "server/subscription/jitter.h"
#include "webhook/sse/sse_record.h"

namespace chatgate {
namespace {

constexpr size_t kBatchEvents = 128;
constexpr size_t kBatchBytes = 256 << 10;
constexpr size_t kPieceBytes = 16 << 10;  // Of a write.
constexpr absl::Duration kRetryDelay = absl::Seconds(1);
// Nothing is gained by asking again; a browser's EventSource always does.
constexpr absl::Duration kDamageRetryDelay = absl::Minutes(1);
constexpr char kStopping[] = "the gateway is stopping";

// What a waiter leaves for the thread that waits. Shared: it may be called
// after that thread has gone on.
struct Woken {
  Mutex mu;
  CondVar changed;
  std::optional<Hub::Wake> wake ABSL_GUARDED_BY(mu);
};

}  // namespace

SseStream::SseStream(EventLog& log, Hub& hub, EventFilter filter,
                     bool include_raw, uint64_t position,
                     const SseStreamOptions& options)
    : log_(log),
      hub_(hub),
      filter_(std::move(filter)),
      include_raw_(include_raw),
      options_(options),
      begin_(std::chrono::steady_clock::now()),
      age_max_(Jittered(options.age_max)),
      position_(position) {}

void SseStream::Run(ByteStream& stream) {
  const auto end = [&](absl::string_view reason,
                       absl::Duration delay = kRetryDelay) {
    Write(stream, EndRecordText(CursorAt(position_), reason, Jittered(delay)));
  };
  if (!Write(stream, Heartbeat())) return;
  while (true) {
    if (Age() >= age_max_) return end("the stream is old");
    if (position_ >= log_.Head()) {
      const Hub::Wake wake = Wait();
      if (wake == Hub::Wake::kClosed) return end(kStopping);
      if (wake == Hub::Wake::kTimeout && !Write(stream, Heartbeat())) return;
      continue;
    }
    const absl::StatusOr<std::string> records = NextRecords();
    if (absl::IsDataLoss(records.status())) {
      return end("a stored event is damaged", kDamageRetryDelay);
    }
    if (!records.ok()) return end("the log cannot be read");
    if (!records->empty()) {
      if (!Write(stream, *records)) return;
    } else if (UntilHeartbeat() <= absl::ZeroDuration()) {
      if (!Write(stream, Heartbeat())) return;
    }
    // Who reads old events for long must hear of the end, too.
    if (hub_.closed()) return end(kStopping);
  }
}

absl::StatusOr<std::string> SseStream::NextRecords() {
  ASSIGN_OR_RETURN(const EventBatch batch,
                   log_.ReadAfter(position_, kBatchEvents, kBatchBytes));
  if (batch.lost.has_value()) {
    position_ = batch.lost->last_seq;
    return GapRecordText(CursorAt(position_), batch.lost->first_seq,
                         batch.lost->last_seq);
  }
  std::string text;
  for (const std::shared_ptr<const EventRecord>& record : batch.events) {
    if (filter_.Matches(record->traits)) {
      const absl::Status status = AppendEvent(*record, &text);
      // Its body is gone: the next read tells of the gap.
      if (absl::IsNotFound(status)) return text;
      if (!status.ok()) {
        // What was read before it goes first; the next read fails again.
        if (!text.empty()) return text;
        return status;
      }
    }
    position_ = record->seq;
    // Bodies (`raw`) are not in what the log was asked to count.
    if (text.size() >= kBatchBytes) return text;
  }
  position_ = std::max(position_, batch.position);
  return text;
}

absl::Status SseStream::AppendEvent(const EventRecord& record,
                                    std::string* text) {
  v1::Event event;
  const absl::string_view stored = StoredForm(record);
  if (!event.ParseFromArray(stored.data(), static_cast<int>(stored.size()))) {
    return absl::DataLossError("a stored event cannot be read");
  }
  if (include_raw_) {
    ASSIGN_OR_RETURN(*event.mutable_raw(), log_.ReadRaw(record.seq));
  }
  *text += EventRecordText(CursorAt(record.seq), event);
  return absl::OkStatus();
}

std::string SseStream::Heartbeat() const {
  const uint64_t head = std::max(log_.Head(), position_);
  return HeartbeatRecordText(CursorAt(position_), head, head - position_);
}

std::string SseStream::CursorAt(uint64_t seq) const {
  return EncodeCursor(log_.CursorAt(seq));
}

bool SseStream::Write(ByteStream& stream, const std::string& text) {
  // Who has closed its side takes a heartbeat without an error, once.
  if (stream.HasEnded()) return false;
  last_write_ = std::chrono::steady_clock::now();
  // Each piece has its time: a slow reader is none that has stopped.
  for (size_t at = 0; at < text.size(); at += kPieceBytes) {
    if (!stream
             .Write(absl::string_view(text).substr(at, kPieceBytes),
                    DeadlineIn(options_.write_time_max))
             .ok()) {
      return false;
    }
  }
  return true;
}

Hub::Wake SseStream::Wait() {
  auto woken = std::make_shared<Woken>();
  hub_.Wait(position_, std::min(UntilHeartbeat(), age_max_ - Age()),
            [woken](Hub::Wake wake) {
              MutexLock lock(woken->mu);
              woken->wake = wake;
              woken->changed.Signal();
            });
  MutexLock lock(woken->mu);
  while (!woken->wake.has_value()) woken->changed.Wait(woken->mu);
  return *woken->wake;
}

absl::Duration SseStream::Age() const {
  return absl::FromChrono(std::chrono::steady_clock::now() - begin_);
}

absl::Duration SseStream::UntilHeartbeat() const {
  return options_.heartbeat_interval -
         absl::FromChrono(std::chrono::steady_clock::now() - last_write_);
}

}  // namespace chatgate
