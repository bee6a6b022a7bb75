// Any bytes as a platform's answer. In pieces they must mean what they mean as
// a whole, and an answer is never longer than it may be.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/web_api/answer_reader.h"

namespace {

constexpr size_t kBodyBytesMax = 4096;

absl::StatusOr<std::string> Read(absl::string_view bytes, size_t piece) {
  chatgate::AnswerReader reader({1024, kBodyBytesMax});
  while (!bytes.empty()) {
    const absl::StatusOr<bool> whole = reader.Add(bytes.substr(0, piece));
    if (!whole.ok()) return whole.status();
    if (*whole) return reader.TakeAnswer().body;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (const absl::Status end = reader.End(); !end.ok()) return end;
  return reader.TakeAnswer().body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<std::string> whole = Read(bytes, size);
  const absl::StatusOr<std::string> pieces = Read(bytes, 1);
  if (whole.ok() != pieces.ok()) std::abort();
  if (whole.ok() && (*whole != *pieces || whole->size() > kBodyBytesMax)) {
    std::abort();
  }
  return 0;
}
