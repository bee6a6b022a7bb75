#ifndef CHATGATE_SERVER_PLATFORM_PAGE_TOKEN_H_
#define CHATGATE_SERVER_PLATFORM_PAGE_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Where a page ends. Clients see it as opaque text, which names the list it
// belongs to: the token of one list is refused by another.
namespace chatgate::platform {

enum class PagedList : uint8_t {
  kConversations = 1,
  kParts = 2,
  kUserEvents = 3,
  kUserConversations = 4,
};

// The last row that was examined. The next page begins after it.
struct PagePosition {
  int64_t last_update = 0;  // Microseconds; 0 in lists not ordered by it.
  int64_t row = 0;
};

std::string MakePageToken(PagedList list, const PagePosition& position);

// The position before the first row for an empty token. ValidationError: the
// token cannot be read, or belongs to another list.
absl::StatusOr<PagePosition> ReadPageToken(PagedList list,
                                           absl::string_view token);

}  // namespace chatgate::platform

#endif  // CHATGATE_SERVER_PLATFORM_PAGE_TOKEN_H_
