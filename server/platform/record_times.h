#ifndef CHATGATE_SERVER_PLATFORM_RECORD_TIMES_H_
#define CHATGATE_SERVER_PLATFORM_RECORD_TIMES_H_

#include <cstdint>

#include "google/protobuf/timestamp.pb.h"

// Times of the tables, microseconds since 1970 with 0 for never, as records
// hold them.
namespace chatgate::platform {

// The last second of a Timestamp: 9999-12-31T23:59:59Z.
inline constexpr int64_t kRecordSecondsMax = 253'402'300'799;

inline google::protobuf::Timestamp TimestampFromMicros(int64_t micros) {
  google::protobuf::Timestamp time;
  time.set_seconds(micros / 1'000'000);
  time.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1'000));
  return time;
}

inline int64_t MicrosOf(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1'000;
}

// Whether the tables can hold it.
inline bool IsRecordTime(const google::protobuf::Timestamp& time) {
  return time.seconds() >= 0 && time.seconds() <= kRecordSecondsMax &&
         time.nanos() >= 0 && time.nanos() < 1'000'000'000;
}

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_RECORD_TIMES_H_
