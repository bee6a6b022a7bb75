#include "webhook/event_fields.h"

#include <string>

#include "server/base/utf8.h"
#include "webhook/fingerprint.h"

namespace chatgate {
namespace {

constexpr size_t kContentTypeBytesMax = 200;
// 9999-12-31T23:59:59Z, the last second of a Timestamp.
constexpr int64_t kLastSecond = 253'402'300'799;

// Room for the event's place, and for why it was not understood.
constexpr size_t kSpareBytes = 4096;
// A byte of the body becomes at most six in the event: a control character
// that is kept as `\u0001`. Smaller bodies always fit.
constexpr size_t kBodyThatFits = kEventBytesMax / 8;

}  // namespace

void SetUnrecognized(absl::string_view hook, absl::string_view reason,
                     absl::string_view content_type, NewEvent* event) {
  v1::Unrecognized* unrecognized = event->event.mutable_unrecognized();
  unrecognized->set_hook(std::string(hook));
  unrecognized->set_reason(RepairUtf8(reason));
  const std::string repaired = RepairUtf8(content_type);
  unrecognized->set_content_type(
      std::string(Utf8Prefix(repaired, kContentTypeBytesMax)));
  event->event.clear_conversation();
  event->event.clear_occurred_time();
  event->key.reset();
  event->content_fingerprint = Fingerprint({hook, event->raw});
}

absl::Status CheckFits(const NewEvent& event) {
  if (event.raw.size() <= kBodyThatFits ||
      event.event.ByteSizeLong() + event.raw.size() + kSpareBytes <=
          kEventBytesMax) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "decoded, it is larger than an event may be");
}

void SetOccurred(absl::Time time, v1::Event* event) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  if (seconds <= -62'135'596'800 || seconds > kLastSecond) return;
  event->mutable_occurred_time()->set_seconds(seconds);
  event->mutable_occurred_time()->set_nanos(static_cast<int32_t>(
      (time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
}

void SetOccurredSeconds(int64_t seconds, v1::Event* event) {
  if (seconds <= 0 || seconds > kLastSecond) return;
  event->mutable_occurred_time()->set_seconds(seconds);
}

}  // namespace chatgate
