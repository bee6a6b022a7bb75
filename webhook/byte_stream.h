#ifndef CHATGATE_WEBHOOK_BYTE_STREAM_H_
#define CHATGATE_WEBHOOK_BYTE_STREAM_H_

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chatgate {

// A moment on a clock that nobody sets.
using Deadline = std::chrono::steady_clock::time_point;

inline Deadline DeadlineIn(absl::Duration duration) {
  // A day is for ever here, and cannot overflow.
  duration = std::min(duration, absl::Hours(24));
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<Deadline::duration>(
             absl::ToChronoNanoseconds(duration));
}

// Two ways of bytes, each with a deadline for the whole of a request rather
// than for one read.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // Reads what is there, at least one byte and at most `size`; 0 at the end.
  // DEADLINE_EXCEEDED: nothing came in time. UNAVAILABLE: the stream is broken.
  virtual absl::StatusOr<size_t> Read(char* to, size_t size,
                                      Deadline deadline) = 0;

  // Writes all of it, or fails as Read does.
  virtual absl::Status Write(absl::string_view bytes, Deadline deadline) = 0;

  // True once the other side has closed the stream, or its half of it, though
  // some of what it sent before may still be unread.
  virtual bool HasEnded() const = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_BYTE_STREAM_H_
