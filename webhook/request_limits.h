#ifndef CHATGATE_WEBHOOK_REQUEST_LIMITS_H_
#define CHATGATE_WEBHOOK_REQUEST_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace chatgate {

// What a request may cost. The sizes that nobody needs to change are constants.
struct RequestLimits {
  // Bytes of a body: as sent, without chunk framing, and after unzipping.
  uint64_t body_bytes_max = 1 << 20;
  // From the first byte of a request to its last; also for writing an answer.
  absl::Duration request_time_max = absl::Seconds(10);
};

inline constexpr size_t kHeadBytesMax = 64 << 10;
inline constexpr size_t kRequestLineBytesMax = 8 << 10;
inline constexpr size_t kHeaderLineBytesMax = 8 << 10;
inline constexpr size_t kHeaderLinesMax = 100;
inline constexpr size_t kPathSegmentsMax = 32;
// A chunk's size in hexadecimal with its extensions, or one trailer line.
inline constexpr size_t kChunkLineBytesMax = 256;
inline constexpr size_t kTrailerLinesMax = 32;

// A kept connection may be silent for so long between two requests.
inline constexpr absl::Duration kIdleTimeMax = absl::Seconds(60);
// Requests on one connection.
inline constexpr size_t kConnectionRequestsMax = 1'000'000'000;
// A refused sender may go on sending for so long and so much, so that it lives
// to read why.
inline constexpr absl::Duration kLingerTimeMax = absl::Seconds(1);
inline constexpr size_t kLingerBytesMax = 32 << 20;
// Connections beyond the limit that are being told so.
inline constexpr size_t kRefusedConnectionsMax = 64;
inline constexpr int kListenBacklog = 1024;

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_REQUEST_LIMITS_H_
