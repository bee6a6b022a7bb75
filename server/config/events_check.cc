#include <cstdint>

#include "absl/strings/str_cat.h"
#include "server/config/checks.h"

namespace chatgate {
namespace {

constexpr int64_t kAgeHoursMax = 87'600;
constexpr int64_t kBytesMin = int64_t{16} << 20;
constexpr int64_t kStreamAgeSecondsMin = 60;
constexpr int32_t kStreamsDefault = 64;
constexpr int32_t kStreamsMax = 1024;

// 0 stands for no limit.
void CheckOff(const ConfigNode& node, int64_t value, int64_t min,
              Problems* problems) {
  if (value == 0 || value >= min) return;
  node.Complain(absl::StrCat(value, " is neither 0 nor at least ", min),
                problems);
}

}  // namespace

void CheckEvents(const ConfigNode& node, v1::Config* config,
                 Problems* problems) {
  const ConfigNode place = node.Field("events");
  const v1::EventsConfig& events = config->events();
  if (events.age_hours_max() < 0 || events.age_hours_max() > kAgeHoursMax) {
    place.Field("age_hours_max")
        .Complain(absl::StrCat(events.age_hours_max(), " is not from 0 to ",
                               kAgeHoursMax),
                  problems);
  }
  CheckOff(place.Field("bytes_max"), events.bytes_max(), kBytesMin, problems);
  CheckOff(place.Field("stream_age_s_max"), events.stream_age_s_max(),
           kStreamAgeSecondsMin, problems);
  v1::HttpConfig* http = config->mutable_http();
  if (http->streams_max() == 0) http->set_streams_max(kStreamsDefault);
  if (http->streams_max() < 0 || http->streams_max() > kStreamsMax) {
    node.Field("http")
        .Field("streams_max")
        .Complain(absl::StrCat(http->streams_max(), " is not from 1 to ",
                               kStreamsMax),
                  problems);
  }
}

}  // namespace chatgate
