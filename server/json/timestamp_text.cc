#include "server/json/timestamp_text.h"

#include "absl/time/time.h"

namespace chatgate {
namespace {

// 0001-01-01 and 10000-01-01, as Timestamp is limited.
constexpr int64_t kSecondsMin = -62135596800;
constexpr int64_t kSecondsEnd = 253402300800;

}  // namespace

std::string FormatTimestamp(const google::protobuf::Timestamp& time) {
  const absl::Time instant =
      absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", instant,
                          absl::UTCTimeZone());
}

bool ParseTimestamp(absl::string_view text, google::protobuf::Timestamp* out) {
  absl::Time instant;
  if (!absl::ParseTime(absl::RFC3339_full, text, &instant, nullptr)) {
    return false;
  }
  const int64_t seconds = absl::ToUnixSeconds(instant);  // Rounds down.
  if (seconds < kSecondsMin || seconds >= kSecondsEnd) return false;
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(instant - absl::FromUnixSeconds(seconds))));
  return true;
}

}  // namespace chatgate
