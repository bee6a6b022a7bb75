#ifndef CHATGATE_SERVER_EVENT_LOG_CURSOR_H_
#define CHATGATE_SERVER_EVENT_LOG_CURSOR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// A position of one log, as clients hold it.
struct Cursor {
  uint64_t epoch = 0;  // Who wrote the log up to there; never 0. See Epochs.
  uint64_t seq = 0;    // Last event that was handled; 0 before the first.

  friend bool operator==(const Cursor& a, const Cursor& b) {
    return a.epoch == b.epoch && a.seq == b.seq;
  }
};

// Opaque text of 28 letters, digits, `-` and `_`. The same for ever.
std::string EncodeCursor(const Cursor& cursor);

// INVALID_ARGUMENT: the text is no cursor, or was cut or changed.
absl::StatusOr<Cursor> DecodeCursor(absl::string_view text);

// The name of the event at `cursor`, unlike any cursor. The same for ever.
std::string EncodeEventId(const Cursor& cursor);

// INVALID_ARGUMENT: the text is no event's id.
absl::StatusOr<Cursor> DecodeEventId(absl::string_view text);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_CURSOR_H_
