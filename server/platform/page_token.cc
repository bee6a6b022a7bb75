#include "server/platform/page_token.h"

#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "server/backend/error_table.h"

namespace chatgate::platform {

namespace {

constexpr int64_t kMicros = 1'000'000;  // In a second.
constexpr size_t kMicrosDigits = 6;
constexpr size_t kRowDigits = 13;

// A number that is no time since 1973, nor one of the next thousand years, is
// the row of another list.
constexpr double kSecondsMin = 1e8;
constexpr double kSecondsMax = 4e10;

bool IsTime(PagedList list) {
  return list == PagedList::kConversations ||
         list == PagedList::kUserConversations;
}

// A number of digits alone.
std::optional<int64_t> ReadDigits(absl::string_view text) {
  int64_t number = 0;
  if (text.empty() ||
      text.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(text, &number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<PagePosition> ReadTime(absl::string_view token) {
  const size_t point = token.find('.');
  if (point != absl::string_view::npos &&
      token.size() - point - 1 == kMicrosDigits + kRowDigits) {
    const auto seconds = ReadDigits(token.substr(0, point));
    const auto micros = ReadDigits(token.substr(point + 1, kMicrosDigits));
    const auto row = ReadDigits(token.substr(point + 1 + kMicrosDigits));
    if (!seconds || !micros || !row || *seconds > kSecondsMax) {
      return std::nullopt;
    }
    return PagePosition{*seconds * kMicros + *micros, *row};
  }
  double seconds = 0;
  if (token.find_first_not_of("0123456789.e+") != absl::string_view::npos ||
      !absl::SimpleAtod(token, &seconds) || seconds < kSecondsMin ||
      seconds > kSecondsMax) {
    return std::nullopt;
  }
  // Behind everything of that microsecond.
  return PagePosition{std::llround(seconds * kMicros), 0};
}

}  // namespace

std::string MakePageToken(PagedList list, const PagePosition& position) {
  if (!IsTime(list)) return absl::StrFormat("%d", position.row);
  return absl::StrFormat("%d.%06d%013d", position.last_update / kMicros,
                         position.last_update % kMicros, position.row);
}

absl::StatusOr<PagePosition> ReadPageToken(PagedList list,
                                           absl::string_view token) {
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  if (token.empty()) return PagePosition{kEnd, kEnd};
  std::optional<PagePosition> position;
  if (IsTime(list)) {
    position = ReadTime(token);
  } else if (const std::optional<int64_t> row = ReadDigits(token)) {
    position = PagePosition{kEnd, *row};
  }
  if (!position) {
    return InvalidField("page_token",
                        "is no next_page_token of this kind of list");
  }
  return *position;
}

}  // namespace chatgate::platform
