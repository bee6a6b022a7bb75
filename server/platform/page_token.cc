#include "server/platform/page_token.h"

#include <limits>

#include "absl/strings/escaping.h"
#include "server/backend/error_table.h"

namespace chatgate::platform {

namespace {

constexpr char kVersion = 1;
constexpr size_t kBytes = 2 + 8 + 8;  // Version, list, last_update, row.

void AppendFixed(int64_t value, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out->push_back(static_cast<char>(static_cast<uint64_t>(value) >> shift));
}

int64_t ReadFixed(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return static_cast<int64_t>(value);
}

}  // namespace

std::string MakePageToken(PagedList list, const PagePosition& position) {
  std::string bytes = {kVersion, static_cast<char>(list)};
  AppendFixed(position.last_update, &bytes);
  AppendFixed(position.row, &bytes);
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<PagePosition> ReadPageToken(PagedList list,
                                           absl::string_view token) {
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  if (token.empty()) return PagePosition{kEnd, kEnd};
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes) || bytes.size() != kBytes ||
      bytes[0] != kVersion) {
    return InvalidField("page_token", "is no next_page_token of this gateway");
  }
  if (bytes[1] != static_cast<char>(list))
    return InvalidField("page_token", "belongs to another method");
  return PagePosition{ReadFixed(absl::string_view(bytes).substr(2)),
                      ReadFixed(absl::string_view(bytes).substr(10))};
}

}  // namespace chatgate::platform
