// Any text as a cursor. What is read as one must be written as the same text:
// no two texts may stand for one position.
#include <cstdint>
#include <cstdlib>

#include "server/event_log/cursor.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<chatgate::Cursor> cursor = chatgate::DecodeCursor(text);
  if (cursor.ok() && chatgate::EncodeCursor(*cursor) != std::string(text)) {
    std::abort();
  }
  return 0;
}
